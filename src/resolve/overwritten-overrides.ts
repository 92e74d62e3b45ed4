/** Overrides of one command line of which a later one, or one that counts later, leaves nothing. */
import { isPlainObject } from "../core/json.ts";
import { formatPath } from "../core/path.ts";
import type { CheckScope, GivenOverride } from "./check-overrides.ts";
import { objectAlternatives, withValue, writtenFields } from "./object-overrides.ts";
import type { PlacedOverride } from "./place-override.ts";
import type { Report } from "./problems.ts";

/** What an override chooses that is merged before all other values. */
export interface Choice {
  /** Presets and profiles, or a union's kind. */
  readonly choice: "preset" | "kind" | undefined;
  /** The kinds that each of its presets sets, by path. */
  readonly kinds: ReadonlyMap<string, readonly unknown[]>;
}

type ChoosingOverride = GivenOverride & Choice;

/**
 * Those that count, in the order given; what has no effect is noted, and left out where that changes nothing else. A kind
 * that counts first although it stands behind what takes its place is refused.
 * @param given - In order.
 */
export function withoutOverwritten(
  given: readonly ChoosingOverride[],
  { note, report, numPinned }: Pick<CheckScope, "note" | "report" | "numPinned">,
): readonly GivenOverride[] {
  // From the last to the first, with what stands behind by its path, so that a long command line takes no longer each.
  const behind: Behind = { there: new Map(), above: new Map(), below: new Map() };
  const notes: string[] = [];
  const addNote = ({ placed }: GivenOverride, text: string): void => {
    if (placed.override.index >= numPinned) notes.push(text);
  };
  const lost = new Set<GivenOverride>();
  for (const earlier of inOrderOfEffect(given).toReversed()) {
    const later = overwriting(earlier, behind);
    const inside = isScalarChange(earlier) ? behind.below.get(nameOf(earlier.placed)) : undefined;
    if (earlier.isInAllRuns) remember(earlier, behind);
    if (later === undefined && inside !== undefined) addNote(earlier, insideNote(earlier, inside));
    if (later === undefined || hasOtherName(earlier.placed, later.placed)) continue;
    const kinds = later.kinds.get(nameOf(earlier.placed));
    if (kinds !== undefined) {
      // It stays: the fields that it took away from what was there are not the preset's to bring back.
      if (kinds.some((kind) => kind !== earlier.placed.override.value))
        addNote(earlier, kindNote(earlier, later, kinds));
      continue;
    }
    if (earlier.choice === "kind" && later.choice === undefined && follows(earlier, later)) {
      const isField = nameOf(earlier.placed) === nameOf(later.placed); // the kinds of an axis count in their order
      if (!isField) reportLateKind(earlier.placed, later.placed, report);
      continue;
    }
    if (!saysTheSame(earlier.placed, later.placed)) addNote(earlier, noteOf(earlier, later));
    const { operation } = later.placed.override;
    const areArguments = earlier.isArgument && later.isArgument;
    if (areArguments && (operation === "set" || operation === "forceAdd")) lost.add(earlier);
  }
  for (const text of new Set(notes.toReversed())) note(text);
  return given.filter((one) => !lost.has(one));
}

/** Presets, profiles and kinds count before what is written beside them, wherever they stand. */
function inOrderOfEffect(given: readonly ChoosingOverride[]): readonly ChoosingOverride[] {
  const choosing = given.filter(({ choice }) => choice !== undefined);
  return [...choosing, ...given.filter(({ choice }) => choice === undefined)];
}

/** The nearest overrides behind, by the name of what they take the place of. */
interface Behind {
  /** Those that take the place of what was said of the same path. */
  readonly there: Map<string, ChoosingOverride>;
  /** Those that leave nothing of what was said below their path. */
  readonly above: Map<string, ChoosingOverride>;
  /** Those that write something below a path, and so make an object of what stands there. */
  readonly below: Map<string, ChoosingOverride>;
}

/** Whether an override writes a value that has nothing below it. */
function isScalarChange({ placed, choice }: ChoosingOverride): boolean {
  const { hasValue, value, operation } = placed.override;
  const isWritten = operation !== "append" && operation !== "subtract" && operation !== "remove";
  const isScalar = value === null || typeof value !== "object";
  return hasValue && isWritten && isScalar && choice === undefined && placed.group === undefined;
}

function writesBelow({ path, override: { operation } }: PlacedOverride): readonly string[] {
  if (operation === "remove" || operation === "subtract") return [];
  const above = path.slice(0, -1).map((_, index) => path.slice(0, index + 1));
  return above.map((prefix) => formatPath(prefix));
}

function insideNote({ placed }: GivenOverride, inside: GivenOverride): string {
  const { text } = inside.placed.override;
  return `nothing is left of ${placed.override.text}: ${text} makes an object of ${nameOf(placed)}.`;
}

function remember(one: ChoosingOverride, { there, above, below }: Behind): void {
  for (const prefix of writesBelow(one.placed)) below.set(prefix, one);
  const name = nameOf(one.placed);
  if (takesThePlace(one.placed)) there.set(name, one);
  if (one.choice !== "preset" && leavesNothing(one.placed)) above.set(name, one);
  for (const placed of fieldsOfEach(one.placed)) there.set(nameOf(placed), { ...one, placed });
  for (const name of one.kinds.keys()) if (!there.has(name)) there.set(name, one);
}

/** The fields that each object of an axis writes: whichever is chosen, one of them takes the place of what was there. */
function fieldsOfEach(placed: PlacedOverride): readonly PlacedOverride[] {
  const [first = [], ...others] = (objectAlternatives(placed) ?? []).map((value, index) =>
    writtenFields(withValue(placed, value, index)).filter(takesThePlace),
  );
  const names = others.map((fields) => new Set(fields.map(nameOf)));
  return first.filter((field) => names.every((known) => known.has(nameOf(field))));
}

function overwriting(
  { placed }: ChoosingOverride,
  { there, above }: Behind,
): ChoosingOverride | undefined {
  const { path, group } = placed;
  const own = there.get(nameOf(placed));
  if (group?.kind === "profiles" || above.size === 0) return own;
  const prefixes = path.map((_, index) => formatPath(path.slice(0, index + 1)));
  const found = [own, ...prefixes.map((prefix) => above.get(prefix))];
  return found.find((one) => one !== undefined);
}

function follows(one: GivenOverride, other: GivenOverride): boolean {
  return one.placed.override.index > other.placed.override.index;
}

function noteOf(earlier: GivenOverride, later: GivenOverride): string {
  const { text } = later.placed.override;
  const name = nameOf(later.placed);
  if (name === nameOf(earlier.placed))
    return `${name} is given twice on the command line; ${text} holds.`;
  const why = follows(later, earlier) ? "follows on the command line" : "holds over it";
  return `${earlier.placed.override.text} has no effect: ${text} ${why}.`;
}

function kindNote(
  { placed }: GivenOverride,
  later: GivenOverride,
  kinds: readonly unknown[],
): string {
  const chosen = [...new Set(kinds)].map(String).join(" or ");
  return `${nameOf(placed)} is given twice on the command line; ${later.placed.override.text} holds, with the kind ${chosen}.`;
}

function reportLateKind(late: PlacedOverride, whole: PlacedOverride, report: Report): void {
  const { path, source } = late;
  const { text } = whole.override;
  const message = `is chosen before ${text}, which takes the whole of its place; write the kind into that value, or leave one of them out`;
  report({ path, message, place: { kind: "layer", layer: source, path } });
}

/** Whether an object repeats what another argument says: nothing is lost. */
function saysTheSame(earlier: PlacedOverride, later: PlacedOverride): boolean {
  const { value, text } = earlier.override;
  const isWritten = typeof value !== "object" || value === null;
  return isWritten && value === later.override.value && text !== later.override.text;
}

/** Whether both say the same path by two names, which is refused. */
function hasOtherName(earlier: PlacedOverride, later: PlacedOverride): boolean {
  const isSame = nameOf(later) === nameOf(earlier);
  return isSame && earlier.override.key.join() !== later.override.key.join();
}

/** What stands before the `=`, in full: the path, or the name of profiles. */
export function nameOf({ path, group }: PlacedOverride): string {
  return group?.kind === "profiles" ? group.name : formatPath(path);
}

/** Objects merge, so one after another both count; items are added and taken away one after another. */
export function takesThePlace(later: PlacedOverride): boolean {
  return later.group?.kind === "profiles" || leavesNothing(later);
}

/** `:=`, `~` and anything but objects leave nothing of what was said at their path or below it. */
function leavesNothing(placed: PlacedOverride): boolean {
  const { override, path } = placed;
  const { operation, hasValue, value } = override;
  switch (operation) {
    case "replace":
      return true;
    case "remove":
      // `~key=v` looks at what is there, and of an item that is removed another one takes the index.
      return !hasValue && typeof path.at(-1) !== "number";
    case "append":
    case "subtract":
      return false;
    case "set":
    case "add":
    case "forceAdd":
      return !isPlainObject(value) && objectAlternatives(placed) === undefined;
  }
}
