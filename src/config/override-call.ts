/** Calls in the value of an override: `choice(1,2)`, `range(1,4)`. */
import { InternalError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import type { CallSite } from "./call-site.ts";
import { createMarker } from "./markers.ts";
import { overrideError, type Cursor } from "./override-cursor.ts";
import { rangeProblem } from "./range-values.ts";

/** One argument of a call. */
export interface CallArgument {
  /** Given as `name=value`. */
  readonly name?: string;
  readonly value: unknown;
  readonly position: number;
}

/** A call as it was written. */
export interface OverrideCall {
  readonly name: string;
  readonly parameters: readonly CallArgument[];
  readonly position: number;
  readonly call: CallSite;
}

const functionNames = ["choice", "range"];
/** Hydra's other functions, so that its users get a better answer than "unknown". */
const hydraFunctions: ReadonlySet<string> = new Set(
  "interval glob sort shuffle tag int float str bool json_str extend_list".split(" "),
);

/**
 * Refuses the names of unknown functions, before their arguments are read.
 * @throws {ExpError} `usage`
 */
export function requireKnownFunction(cursor: Cursor, name: string, position: number): void {
  if (functionNames.includes(name)) return;
  const known = `known are ${functionNames.join("() and ")}()`;
  if (hydraFunctions.has(name)) {
    throw overrideError(cursor, { position, message: `${name}() is not known here; ${known}.` });
  }
  const meant = nearest(name, functionNames);
  const suggestion = meant === undefined ? "" : ` Did you mean ${meant}()?`;
  throw overrideError(cursor, {
    position,
    message: `there is no function ${name}(); ${known}.${suggestion}`,
    hint: "Quote the value if it is a text with brackets.",
  });
}

/**
 * The value of a call of a known function.
 * @throws {ExpError} `usage` for wrong arguments, each at its place.
 */
export function evaluateCall(cursor: Cursor, written: OverrideCall): unknown {
  switch (written.name) {
    case "choice":
      return choiceOf(cursor, written);
    case "range":
      return rangeOf(cursor, written);
    default:
      throw new InternalError(`no function ${written.name}: it was not checked`);
  }
}

function choiceOf(cursor: Cursor, { parameters, position, call }: OverrideCall): unknown {
  const named = parameters.find(({ name }) => name !== undefined);
  if (named) {
    const message = `choice() has no argument named ${String(named.name)}.`;
    const hint = 'Quote a text that holds "=".';
    throw overrideError(cursor, { position: named.position, message, hint });
  }
  if (parameters.length === 0) {
    throw overrideError(cursor, { position, message: "choice() needs at least one value." });
  }
  return createMarker({ kind: "choice", values: parameters.map(({ value }) => value), call });
}

type Bound = "start" | "stop" | "step";

function rangeOf(cursor: Cursor, { parameters, position, call }: OverrideCall): unknown {
  const positional = parameters.filter(({ name }) => name === undefined);
  const order: readonly Bound[] =
    positional.length === 1 && !parameters.some(({ name }) => name === "stop")
      ? ["stop"] // range(4) counts from 0, as in Hydra
      : ["start", "stop", "step"];
  const bounds = new Map<string, number>([
    ["start", 0],
    ["step", 1],
  ]);
  const seen = new Set<string>();
  for (const argument of parameters) {
    const name = argument.name ?? order[positional.indexOf(argument)];
    const problem = boundProblem(name, argument.value, seen);
    if (problem !== undefined) {
      throw overrideError(cursor, { position: argument.position, message: problem });
    }
    seen.add(String(name));
    bounds.set(String(name), Number(argument.value));
  }
  const [start = 0, stop, step = 1] = ["start", "stop", "step"].map((name) => bounds.get(name));
  if (stop === undefined) {
    throw overrideError(cursor, { position, message: "range() needs a stop: range(1, 4)." });
  }
  const problem = rangeProblem(start, stop, step);
  if (problem !== undefined) throw overrideError(cursor, { position, message: problem });
  return createMarker({ kind: "range", start, stop, step, call });
}

function boundProblem(
  name: string | undefined,
  value: unknown,
  seen: ReadonlySet<string>,
): string | undefined {
  if (name === undefined) return "range() takes start, stop and step, no more.";
  if (!["start", "stop", "step"].includes(name)) return `range() has no argument named ${name}.`;
  if (seen.has(name)) return `range() got ${name} twice.`;
  return typeof value === "number" ? undefined : `range() takes numbers: ${name} is none.`;
}
