/** What overrides of one command line say to each other: they are one step in time, so some pairs contradict. */
import { formatPath, startsWith, type Path } from "../core/path.ts";
import { choosePreset } from "./choose-preset.ts";
import {
  isObjectOverride,
  objectAlternatives,
  staysWhole,
  withValue,
  writtenFields,
} from "./object-overrides.ts";
import { nameOf, takesThePlace, withoutOverwritten, type Choice } from "./overwritten-overrides.ts";
import type { PlacedOverride } from "./place-override.ts";
import { isKind, presetKinds } from "./preset-kinds.ts";
import type { Report } from "./problems.ts";
import { viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

export interface CheckScope {
  readonly view: SchemaView;
  readonly report: Report;
  readonly note: (text: string) => void;
  /** So many arguments, the first, nobody typed: they give way to what was, and that goes without saying. */
  readonly numPinned: number;
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
  const { view, note, report, numPinned } = scope;
  const choosing = given.map((one) => ({ ...one, ...choiceOf(one.placed, view) }));
  reportTwoNames(given.flatMap(writtenIn), scope);
  const inForce = withoutOverwritten(choosing, { note, report, numPinned });
  reportExclusive(inForce.flatMap(writtenIn), scope);
  reportWholeObjects(inForce, scope);
  return inForce;
}

/** Whether an override chooses presets or a kind: such come before all others, wherever they stand. */
function choiceOf(placed: PlacedOverride, view: SchemaView): Choice {
  const { path, group } = placed;
  const found = choosePreset(placed, { views: viewsAt(view, path), report: () => {} });
  const choice = isKind(path, view) ? "kind" : undefined;
  if (found === undefined && group?.kind !== "profiles") return { choice, kinds: new Map() };
  return { choice: "preset", kinds: presetKinds(found, view) };
}

/** What an override writes, field by field, of each object of an axis too. */
function writtenIn(given: GivenOverride): readonly GivenOverride[] {
  const { placed, within } = given;
  const values = objectAlternatives(placed);
  if (values === undefined) return writtenFields(placed).map((one) => ({ ...given, placed: one }));
  return values.flatMap((value, index) => {
    const own = { ...given, within: [...within, { fork: placed.override, index }] };
    const fields = writtenFields(withValue(placed, value, index));
    return fields.map((one) => ({ ...own, placed: one, isInAllRuns: false }));
  });
}

/** A kind in an object that acts as one whole takes away what another argument set before: neither may be lost. */
function reportWholeObjects(given: readonly GivenOverride[], { view, report }: CheckScope): void {
  for (const [index, one] of given.entries()) {
    const { placed } = one;
    const { path, source, override } = placed;
    const isWhole = isObjectOverride(placed) && staysWhole(placed);
    if (!isWhole || !writtenFields(placed).some((field) => isKind(field.path, view))) continue;
    const isBelow = ({ placed: other }: GivenOverride): boolean =>
      other.path.length > path.length && startsWith(other.path, path);
    const earlier = given.slice(0, index).find((other) => isBelow(other) && meet(other, one));
    if (earlier === undefined) continue;
    const { text } = earlier.placed.override;
    const message = `names a kind behind ${text}, which would be lost; write ${override.text} first`;
    report({ path, message, place: { kind: "layer", layer: source, path } });
  }
}

/** A path may be set twice, but not typed under two names: then nobody can tell which was meant. */
function reportTwoNames(given: readonly GivenOverride[], { report, numPinned }: CheckScope): void {
  const byName = new Map<string, Map<string, GivenOverride[]>>();
  for (const later of given.filter(({ placed }) => placed.override.index >= numPinned)) {
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
