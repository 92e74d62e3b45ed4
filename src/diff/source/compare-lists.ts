/** Lists of objects as they are written: items are known by their names, so that one that moved is told as that. */
import { changeOf, type SourceChange } from "./change.ts";
import type { Form, ListForm } from "./form.ts";
import type { Path } from "../../core/path.ts";

/** Compares two items, at the place of the new one. */
export type CompareItems = (path: Path, before: Form, after: Form) => readonly SourceChange[];

/** Fields that name an item, the first one that all items have; as for values (`value/lists.ts`). */
const nameFields = ["name", "id", "key"] as const;

/**
 * The changes between two lists, or `undefined` where they are to be told as one: the items have no names, and are not of
 * the same number, or are single values.
 */
export function compareLists(
  {
    path,
    before,
    after,
  }: { readonly path: Path; readonly before: ListForm; readonly after: ListForm },
  compare: CompareItems,
): readonly SourceChange[] | undefined {
  for (const field of nameFields) {
    const [old, now] = [byName(before, field), byName(after, field)];
    if (old !== undefined && now !== undefined)
      return namedChanges({ path, before, after, old, now }, compare);
  }
  const hasParts = ({ kind }: Form): boolean => kind === "object" || kind === "call";
  const isByItem = before.items.length === after.items.length;
  if (!isByItem || ![...before.items, ...after.items].every(hasParts)) return undefined;
  return before.items.flatMap((item, index) =>
    compare([...path, index], item, after.items[index] ?? item),
  );
}

type Named = ReadonlyMap<string, number>;

/** The index of each item by its name; `undefined` where one has none, or two have the same. */
function byName({ items }: ListForm, field: string): Named | undefined {
  const names = items.map((item) => {
    const name = item.kind === "object" ? item.fields.get(field) : undefined;
    return name?.kind === "value" && typeof name.value === "string" ? name.value : undefined;
  });
  const known = names.filter((name) => name !== undefined);
  const isSound = known.length === items.length && new Set(known).size === items.length;
  return isSound ? new Map(known.map((name, index) => [name, index])) : undefined;
}

interface NamedLists {
  readonly path: Path;
  readonly before: ListForm;
  readonly after: ListForm;
  readonly old: Named;
  readonly now: Named;
}

function namedChanges(
  { path, before, after, old, now }: NamedLists,
  compare: CompareItems,
): readonly SourceChange[] {
  const gone = [...old].flatMap(([name, index]) =>
    now.has(name) ? [] : [changeOf([...path, index], before.items[index], undefined)],
  );
  const rest = [...now].flatMap(([name, index]): readonly SourceChange[] => {
    const [item, earlier] = [after.items[index], before.items[old.get(name) ?? -1]];
    if (item === undefined || earlier === undefined)
      return [changeOf([...path, index], undefined, item)];
    return compare([...path, index], earlier, item);
  });
  return [...gone, ...orderChange({ path, before, after, old, now }), ...rest];
}

/** The order of the items that both lists have, by their names. */
function orderChange({ path, before, after, old, now }: NamedLists): readonly SourceChange[] {
  const earlier = [...old.keys()].filter((name) => now.has(name));
  const later = [...now.keys()].filter((name) => old.has(name));
  if (earlier.every((name, index) => name === later[index])) return [];
  const written = (names: readonly string[], { at }: ListForm): SourceChange["after"] & object => ({
    text: names.join(", "),
    at,
  });
  return [{ path, thing: "value", before: written(earlier, before), after: written(later, after) }];
}
