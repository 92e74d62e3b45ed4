/** What one definition's source says differently than another's. */
import type { Path } from "../../core/path.ts";
import { calleeName, changeOf, type SourceChange, type WrittenForm } from "./change.ts";
import { compareLists } from "./compare-lists.ts";
import { formMeaning, formText, type CallForm, type Form, type Rename } from "./form.ts";

interface Comparison {
  readonly path: Path;
  /** What definitions of the old side are called on the new one. */
  readonly rename: Rename;
}

/**
 * The changes from one form to another; empty where both mean the same.
 * @param rename - What definitions of the old side are called on the new one.
 */
export function compareForms(before: Form, after: Form, rename: Rename): readonly SourceChange[] {
  return compareAt({ path: [], rename }, before, after);
}

function compareAt(place: Comparison, before: Form, after: Form): readonly SourceChange[] {
  if (formMeaning(before, place.rename) === formMeaning(after)) return [];
  if (before.kind === "object" && after.kind === "object") {
    return compareFields(place, before.fields, after.fields);
  }
  if (before.kind === "call" && after.kind === "call") {
    const name = calleeName(after);
    if (name === calleeName(before) && isOpened(name))
      return compareArguments(place, before, after);
  }
  if (before.kind === "list" && after.kind === "list") {
    const lists = { path: place.path, before, after };
    const changes = compareLists(lists, (path, item, other) =>
      compareAt({ ...place, path }, item, other),
    );
    if (changes !== undefined) return changes;
  }
  return [changeOf(place.path, before, after)];
}

type Fields = ReadonlyMap<string, Form>;

function compareFields(place: Comparison, before: Fields, after: Fields): readonly SourceChange[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => {
    const path = [...place.path, name];
    const [old, now] = [before.get(name), after.get(name)];
    return old === undefined || now === undefined
      ? [changeOf(path, old, now)]
      : compareAt({ ...place, path }, old, now);
  });
}

/** Functions whose arguments are told one by one; all others are read as one thing, as `choice(1, 2)`. */
const opened = new Set(
  (
    "defineConfig extend fragment presets profiles variants product concat zip when filter repeat replace " +
    "defineTask with strictObject object union discriminatedUnion defineModel defineOptimizer defineDataSource"
  ).split(" "),
);

function isOpened(name: string): boolean {
  return opened.has(name);
}

/**
 * Objects are compared with objects, in order: what a layer writes. The others (parents, presets, axes, rules) are told
 * as added, removed or replaced where they are not in both.
 */
function compareArguments(
  place: Comparison,
  before: CallForm,
  after: CallForm,
): readonly SourceChange[] {
  const inner = { ...place, path: [...place.path, ...wordsOf(after)] };
  const callee = compareAt(place, before.callee, after.callee);
  const [oldObjects, newObjects] = [objectsOf(before), objectsOf(after)];
  const numObjects = Math.max(oldObjects.length, newObjects.length);
  const objects = Array.from({ length: numObjects }, (_, index) =>
    compareFields(
      inner,
      oldObjects[index]?.fields ?? new Map(),
      newObjects[index]?.fields ?? new Map(),
    ),
  );
  return [...callee, ...compareOthers(inner, before, after), ...objects.flat()];
}

function objectsOf({ items }: CallForm): readonly Extract<Form, { kind: "object" }>[] {
  return items.filter((item) => item.kind === "object");
}

/** The words that lead to what a combinator holds: `variants size`. Layers need none. */
function wordsOf(call: CallForm): Path {
  const name = calleeName(call);
  if (!["variants", "product", "concat", "zip", "when", "filter", "repeat"].includes(name))
    return [];
  const [first] = call.items;
  return first?.kind === "value" && typeof first.value === "string"
    ? [`${name} ${first.value}`]
    : [name];
}

function compareOthers(
  place: Comparison,
  before: CallForm,
  after: CallForm,
): readonly SourceChange[] {
  const old = before.items.filter(({ kind }) => kind !== "object");
  const now = after.items.filter(({ kind }) => kind !== "object");
  const meanings = {
    old: old.map((form) => formMeaning(form, place.rename)),
    now: now.map((form) => formMeaning(form)),
  };
  const gone = old.filter((_, index) => !meanings.now.includes(meanings.old[index] ?? ""));
  const came = now.filter((_, index) => !meanings.old.includes(meanings.now[index] ?? ""));
  if (gone.length === 0 && came.length === 0) return orderChange(place, old, now);
  const pairs = Array.from(
    { length: Math.max(gone.length, came.length) },
    (_, index) => [gone[index], came[index]] as const,
  );
  return pairs.flatMap(([earlier, later]) =>
    earlier !== undefined && later !== undefined
      ? compareAt(place, earlier, later)
      : [changeOf(place.path, earlier, later)],
  );
}

/** The same arguments in another order, or another number of times: later layers win. */
function orderChange(
  { path, rename }: Comparison,
  old: readonly Form[],
  now: readonly Form[],
): readonly SourceChange[] {
  const isSame =
    old.length === now.length &&
    old.every((form, index) => {
      const other = now[index];
      return other !== undefined && formMeaning(form, rename) === formMeaning(other);
    });
  const [first] = now;
  const [firstOld] = old;
  if (isSame || first === undefined || firstOld === undefined) return [];
  const written = (forms: readonly Form[], { at }: Form): WrittenForm => ({
    text: forms.map(formText).join(", "),
    at,
  });
  return [{ path, thing: "layer", before: written(old, firstOld), after: written(now, first) }];
}
