/** What overrides of one command line say to each other: they are one step in time, so some pairs contradict. */
import { isPlainObject } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import type { PlacedOverride } from "./place-override.ts";
import type { Report } from "./problems.ts";
import { viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

export interface CheckScope {
  readonly view: SchemaView;
  readonly report: Report;
  readonly note: (text: string) => void;
}

/** An override of a command line, and the combinators that it stands in. */
export interface GivenOverride {
  readonly placed: PlacedOverride;
  /** False inside of a combinator. */
  readonly isArgument: boolean;
  /** False where some runs go without it: in `concat`, `variants` and `when`. */
  readonly isInAllRuns: boolean;
  /** The alternatives that it stands in, from outside in: of one fork, a run takes one alternative. */
  readonly within: readonly Alternative[];
}

/** One alternative of `concat` or `variants`. */
export interface Alternative {
  /** The combinator. */
  readonly fork: object;
  /** Its place among the alternatives. */
  readonly index: number;
}

/**
 * Refuses overrides that exclude each other in some run, and notes those that have no effect because of a later one.
 * @param given - In order.
 * @returns Those that count, in order: arguments without effect are left out.
 */
export function checkOverrides(
  given: readonly GivenOverride[],
  scope: CheckScope,
): readonly GivenOverride[] {
  reportTwoNames(given, scope);
  const inForce = withoutRepeated(given, scope);
  reportExclusive(inForce, scope);
  return inForce;
}

/** From the last to the first, with what stands behind by its path, so that a long command line takes no longer each. */
function withoutRepeated(
  given: readonly GivenOverride[],
  { note }: CheckScope,
): readonly GivenOverride[] {
  const behind: Behind = { there: new Map(), above: new Map() };
  const notes: string[] = [];
  const inForce = given.toReversed().filter((earlier) => {
    const later = overwriting(earlier, behind);
    if (earlier.isInAllRuns) remember(earlier, behind);
    if (later === undefined || hasOtherName(earlier.placed, later.placed)) return true;
    notes.push(noteOf(earlier.placed, later.placed));
    const { operation } = later.placed.override;
    const areArguments = earlier.isArgument && later.isArgument;
    return !areArguments || (operation !== "set" && operation !== "forceAdd");
  });
  for (const text of notes.toReversed()) note(text);
  return inForce.toReversed();
}

/** The nearest overrides behind, by the name of what they take the place of. */
interface Behind {
  /** Those that take the place of what was said of the same path. */
  readonly there: Map<string, GivenOverride>;
  /** Those that leave nothing of what was said at their path or below it. */
  readonly above: Map<string, GivenOverride>;
}

function remember(one: GivenOverride, { there, above }: Behind): void {
  const name = nameOf(one.placed);
  if (takesThePlace(one.placed)) there.set(name, one);
  if (leavesNothing(one.placed)) above.set(name, one);
}

function overwriting(earlier: GivenOverride, { there, above }: Behind): GivenOverride | undefined {
  const { path, group } = earlier.placed;
  const own = there.get(nameOf(earlier.placed));
  if (group?.kind === "profiles" || above.size === 0) return own;
  const prefixes = path.map((_, index) => formatPath(path.slice(0, index + 1)));
  const found = [own, ...prefixes.map((prefix) => above.get(prefix))];
  return found.find((one) => one !== undefined);
}

function noteOf(earlier: PlacedOverride, later: PlacedOverride): string {
  const { text } = later.override;
  return nameOf(later) === nameOf(earlier)
    ? `${nameOf(later)} is given twice on the command line; ${text} holds.`
    : `${earlier.override.text} has no effect: ${text} follows on the command line.`;
}

/** Whether both say the same path by two names, which is refused. */
function hasOtherName(earlier: PlacedOverride, later: PlacedOverride): boolean {
  const isSame = nameOf(later) === nameOf(earlier);
  return isSame && earlier.override.key.join() !== later.override.key.join();
}

/** What stands before the `=`, in full: the path, or the name of profiles. */
function nameOf({ path, group }: PlacedOverride): string {
  return group?.kind === "profiles" ? group.name : formatPath(path);
}

/** Objects merge, so one after another both count; items are added and taken away one after another. */
function takesThePlace(later: PlacedOverride): boolean {
  const { operation, value } = later.override;
  if (later.group?.kind === "profiles" || leavesNothing(later)) return true;
  const isEdit = operation === "append" || operation === "subtract" || operation === "remove";
  return !isEdit && !isPlainObject(value);
}

/** `:=` and `~` leave nothing of what was said below their path. */
function leavesNothing({ override, path }: PlacedOverride): boolean {
  const { operation, hasValue } = override;
  if (operation === "replace") return true;
  // `~key=v` looks at what is there, and of an item that is removed another one takes the index.
  return operation === "remove" && !hasValue && typeof path.at(-1) !== "number";
}

/** A path may be set twice, but not under two names: then nobody can tell which was meant. */
function reportTwoNames(given: readonly GivenOverride[], { report }: CheckScope): void {
  const byName = new Map<string, Map<string, GivenOverride[]>>();
  for (const later of given) {
    const { placed } = later;
    const keys = byName.get(nameOf(placed)) ?? new Map<string, GivenOverride[]>();
    byName.set(nameOf(placed), keys);
    const key = placed.override.key.join();
    const others = [...keys].flatMap(([other, list]) => (other === key ? [] : list));
    const same = keys.get(key) ?? [];
    same.push(later);
    keys.set(key, same);
    const earlier = takesThePlace(placed) && others.find((one) => meet(one, later));
    if (!earlier) continue;
    report({
      path: placed.path,
      message: `is set twice on the command line, by ${earlier.placed.override.text} and by ${placed.override.text}`,
      place: { kind: "layer", layer: placed.source, path: placed.path },
    });
  }
}

/** Whether some run has both: no fork of which they stand in two alternatives. */
function meet(one: GivenOverride, other: GivenOverride): boolean {
  return one.within.every(({ fork, index }) => {
    const found = other.within.find((alternative) => alternative.fork === fork);
    return found === undefined || found.index === index;
  });
}

function reportExclusive(given: readonly GivenOverride[], { view, report }: CheckScope): void {
  const known = new Map<string, ExclusiveFields>();
  for (const one of given) {
    const { path, source, override, group } = one.placed;
    const key = path.at(-1);
    if (typeof key !== "string" || override.operation === "remove" || group?.kind === "profiles")
      continue;
    const above = path.slice(0, -1);
    const parent = known.get(formatPath(above)) ?? exclusiveFields(view, above);
    known.set(formatPath(above), parent);
    const own = parent.groups.filter((keys) => keys.includes(key));
    if (own.length === 0) continue;
    const excluded = parent.set.find((earlier) => {
      const other = String(earlier.placed.path.at(-1));
      return other !== key && own.some((keys) => keys.includes(other)) && meet(earlier, one);
    });
    parent.set.push(one);
    if (excluded === undefined) continue;
    report({
      path,
      message: `cannot be set together with ${formatPath(excluded.placed.path)}`,
      place: { kind: "layer", layer: source, path },
    });
  }
}

/** The fields of one object of which a run sets one, and those that were set. */
interface ExclusiveFields {
  readonly groups: readonly (readonly string[])[];
  readonly set: GivenOverride[];
}

function exclusiveFields(view: SchemaView, path: Path): ExclusiveFields {
  const objects = viewsAt(view, path).flatMap((one) =>
    one.shape === "union" ? [...new Set(one.members().values())] : [one],
  );
  const groups = objects.flatMap(({ facts }) => [
    ...(facts.exactlyOneOf ?? []),
    ...(facts.atMostOneOf ?? []),
  ]);
  return { groups, set: [] };
}
