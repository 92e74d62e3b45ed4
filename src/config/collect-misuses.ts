/**
 * Several wrong calls of one module, told together. While a module is evaluated by our own loader, a wrong call is noted
 * and gives a stand-in, so that the rest of the module has its say; anywhere else, a user's test say, it throws at once.
 */
import { ExpError, isExpError } from "../core/errors.ts";
import type { CallSite } from "./call-site.ts";
import { createMarker } from "./markers.ts";

const notedMark: unique symbol = Symbol.for("lockstep.misuses/1");

/**
 * What was noted since evaluation began; undefined while nothing collects. Evaluation is synchronous: there is one in a
 * process, which modules and their loader share where they have two copies of this file.
 */
const shared = globalThis as { [notedMark]?: ExpError[] | undefined };

const standIns = new WeakSet<object>();

/**
 * Evaluates modules, and collects what is wrong with the calls in them.
 * @param evaluate - Synchronous.
 * @throws {ExpError} `config` with all calls that were noted, in their order, one a line. What `evaluate` throws after
 *   the first of them is not told: it may come of a stand-in.
 */
export function collectMisuses<Result>(evaluate: () => Result): Result {
  if (shared[notedMark] !== undefined) return evaluate(); // a module that loads another
  const found: ExpError[] = [];
  shared[notedMark] = found;
  let result: Result;
  try {
    result = evaluate();
  } catch (error) {
    throw together(found) ?? error;
  } finally {
    delete shared[notedMark];
  }
  const error = together(found);
  if (error !== undefined) throw error;
  return result;
}

/**
 * What a call that makes a marker gives back: the marker, or a stand-in where the call is wrong and wrong calls are
 * collected.
 * @param create - Makes the marker.
 * @throws {ExpError} whatever `create` throws, where nothing collects.
 */
export function markerOrStandIn<M extends symbol>(call: CallSite, create: () => M): M {
  return orStandIn(create, () => {
    const marker = createMarker<M>({ kind: "required", call });
    standIns.add(Object(marker) as object);
    return marker;
  });
}

/**
 * The same for a call that makes anything else.
 * @param createStandIn - Makes what the rest of the module can go on with.
 * @throws {ExpError} whatever `create` throws, where nothing collects.
 */
export function orStandIn<Made>(create: () => Made, createStandIn: () => Made): Made {
  try {
    return create();
  } catch (error) {
    const noted = shared[notedMark];
    if (noted === undefined || !isExpError(error)) throw error;
    noted.push(error);
    return createStandIn();
  }
}

/** Tells whether a value stands for a call that was wrong, and noted. */
export function isStandIn(value: unknown): boolean {
  return typeof value === "object" && value !== null && standIns.has(value);
}

/** The same for a value that may hold such at any depth. */
export function holdsStandIn(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isStandIn(value) || Object.values(value).some(holdsStandIn);
}

function together(errors: readonly ExpError[]): ExpError | undefined {
  const [first, ...others] = errors;
  if (first === undefined || others.length === 0) return first;
  const lines = errors.map(({ message, hint }) => [message, hint ?? []].flat().join(" "));
  return new ExpError("config", [...new Set(lines)].join("\n"), { cause: first });
}
