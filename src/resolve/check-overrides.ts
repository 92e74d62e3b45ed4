/** What overrides of one command line say to each other: they are one step in time, so some pairs contradict. */
import { isPlainObject } from "../core/json.ts";
import { formatPath, startsWith } from "../core/path.ts";
import type { PlacedOverride } from "./place-override.ts";
import type { Report } from "./problems.ts";
import { viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

export interface CheckScope {
  readonly view: SchemaView;
  readonly report: Report;
  readonly note: (text: string) => void;
}

/**
 * Refuses overrides that exclude each other, and notes those that have no effect because of a later one.
 * @returns Those that count, in order.
 */
export function checkOverrides(
  placed: readonly PlacedOverride[],
  scope: CheckScope,
): readonly PlacedOverride[] {
  const inForce = withoutRepeated(placed, scope);
  reportExclusive(inForce, scope);
  return inForce;
}

function withoutRepeated(
  placed: readonly PlacedOverride[],
  { report, note }: CheckScope,
): readonly PlacedOverride[] {
  return placed.filter((earlier, index) => {
    const later = placed.slice(index + 1).find((candidate) => overwrites(candidate, earlier));
    if (later === undefined) return true;
    const { text, operation, key } = later.override;
    const isSame = nameOf(later) === nameOf(earlier);
    if (isSame && earlier.override.key.join() !== key.join()) {
      report({
        path: later.path,
        message: `is set twice on the command line, by ${earlier.override.text} and by ${text}`,
        place: { kind: "layer", layer: later.source, path: later.path },
      });
      return true;
    }
    note(
      isSame
        ? `${nameOf(later)} is given twice on the command line; ${text} holds.`
        : `${earlier.override.text} has no effect: ${text} follows on the command line.`,
    );
    return operation !== "set" && operation !== "forceAdd";
  });
}

/** What stands before the `=`, in full: the path, or the name of profiles. */
function nameOf({ path, group }: PlacedOverride): string {
  return group?.kind === "profiles" ? group.name : formatPath(path);
}

/**
 * Objects merge, so one after another both count; items are added and taken away one after another; `:=` and `~` leave
 * nothing of what was said below their path.
 */
function overwrites(later: PlacedOverride, earlier: PlacedOverride): boolean {
  const { operation, value, hasValue } = later.override;
  if (later.group?.kind === "profiles" || earlier.group?.kind === "profiles")
    return nameOf(later) === nameOf(earlier);
  if (!startsWith(earlier.path, later.path)) return false;
  if (operation === "append" || operation === "subtract") return false;
  if (operation === "replace") return true;
  // `~key=v` looks at what is there, and of an item that is removed another one takes the index.
  if (operation === "remove") return !hasValue && typeof later.path.at(-1) !== "number";
  return later.path.length === earlier.path.length && !isPlainObject(value);
}

function reportExclusive(placed: readonly PlacedOverride[], { view, report }: CheckScope): void {
  for (const [index, one] of placed.entries()) {
    const parent = one.path.slice(0, -1);
    const excluded = placed.slice(0, index).find((earlier) => {
      const isSibling = formatPath(earlier.path.slice(0, -1)) === formatPath(parent);
      const isSet = [one, earlier].every(({ override }) => override.operation !== "remove");
      return isSibling && isSet && excludeEachOther(viewsAt(view, parent), earlier, one);
    });
    if (excluded === undefined) continue;
    report({
      path: one.path,
      message: `cannot be set together with ${formatPath(excluded.path)}`,
      place: { kind: "layer", layer: one.source, path: one.path },
    });
  }
}

function excludeEachOther(
  parents: readonly SchemaView[],
  { path: one }: PlacedOverride,
  { path: other }: PlacedOverride,
): boolean {
  const objects = parents.flatMap((view) =>
    view.shape === "union" ? [...new Set(view.members().values())] : [view],
  );
  const groups = objects.flatMap(({ facts }) => [
    ...(facts.exactlyOneOf ?? []),
    ...(facts.atMostOneOf ?? []),
  ]);
  const isIn = (group: readonly string[], key: string | number | undefined): boolean =>
    typeof key === "string" && group.includes(key);
  return (
    one.at(-1) !== other.at(-1) &&
    groups.some((group) => isIn(group, one.at(-1)) && isIn(group, other.at(-1)))
  );
}
