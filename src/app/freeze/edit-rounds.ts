/** Which edits of a module bring its configs where they are to be: what is tried first, and what when that was not enough. */
import { markerData } from "../../config/markers.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { formatPath, startsWith, valueAt, type Path } from "../../core/path.ts";
import { editModule, type EditOptions, type Wanted } from "../../diff/edit/edit-module.ts";
import type { Operation } from "../../diff/value/operations.ts";
import type { ResolvedRun } from "../../resolve/resolve.ts";

/** What is known when a round begins. */
export interface Round {
  /** From 0. */
  readonly index: number;
  /** What still differs, from what the module resolves to now. */
  readonly operations: readonly Operation[];
  /** The config that is to come out, as the module writes it. */
  readonly target: JsonObject;
  /** A run of the module as it is now. */
  readonly run: Pick<ResolvedRun, "assignments">;
}

/**
 * The module's text after a round. In the first, values are written where they stand, and what is taken away is deleted
 * where it is written; values that others follow from are left to follow. What is then still another is written behind all
 * layers, and what is still there is taken away with `remove()`.
 * @throws {ExpError} as `editModule`.
 */
export function editRound(
  text: string,
  round: Round,
  options: Omit<EditOptions, "isLast">,
): string {
  const isFirst = round.index === 0;
  const wanted = wantedOf(round).filter((one) => !isFirst || !isComputed(one.path, round));
  let current = text;
  for (const one of wanted) {
    const own = one.kind === "nothing" ? { ...one, isInherited: !isFirst } : one;
    current = editModule(current, own, { ...options, isLast: !isFirst });
  }
  return current;
}

/** Whether the value is made from others. */
function isComputed(path: Path, { run }: Round): boolean {
  const setter = markerData(run.assignments.setter(path)?.value);
  return setter?.kind === "derived" || setter?.kind === "reference";
}

/** One for each path. Lists are written as a whole. */
function wantedOf({ operations, target }: Round): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { path: full } of operations) {
    const index = full.findIndex((part) => typeof part === "number");
    const path = index < 0 ? full : full.slice(0, index);
    const value = valueAt(target, path) as JsonValue | undefined; // a part of JSON
    wanted.set(
      formatPath(path),
      value === undefined
        ? { kind: "nothing", path, isInherited: false }
        : { kind: "value", path, value },
    );
  }
  const isKind = ({ path }: Wanted): number => (path.at(-1) === "kind" ? 0 : 1); // what the others hang on
  return withoutLower([...wanted.values()]).toSorted((a, b) => isKind(a) - isKind(b));
}

/** What stands in an object that is written anyway needs no line of its own. */
function withoutLower(all: readonly Wanted[]): readonly Wanted[] {
  return all.filter(
    ({ path }) => !all.some((one) => one.path.length < path.length && startsWith(path, one.path)),
  );
}
