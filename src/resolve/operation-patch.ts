/** What an override does, as a patch: its value typed by the field, in the marker that says the operation. */
import type { CallSite } from "../config/call-site.ts";
import { createMarker, markerData, type MarkerMeaning } from "../config/markers.ts";
import type { Override } from "../config/override.ts";
import { rangeValues } from "../config/range-values.ts";
import { formatPath, type Path } from "../core/path.ts";
import { describeSchema } from "./describe-schema.ts";
import { IndexEdit } from "./layers.ts";
import { referenceNames } from "./references.ts";
import { childViews, listView, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { typeValue, valueProblems, writtenAt } from "./type-value.ts";

/** A value to be merged at the override's path. */
export interface OperationValue {
  readonly value: unknown;
  /** For axes whose values are no plain data: how each is shown. */
  readonly names: ReadonlyMap<unknown, string>;
}

/** Why an override cannot act, with the place in its value. */
export interface Refusal {
  /** From the override's path on. */
  readonly below: Path;
  readonly message: string;
}

/**
 * What an override writes that its fields cannot take, though a text could say it.
 * @param views - All that its field may be.
 */
export function refusedValues(
  { path, override }: { readonly path: Path; readonly override: Override },
  views: readonly SchemaView[],
): readonly Refusal[] {
  const { operation, value, written } = override;
  if (operation === "remove" || operation === "subtract") return []; // what never is there is told by what is
  const marker = markerData(value);
  const values =
    marker?.kind === "choice"
      ? marker.values.map((one, index) => [one, writtenAt(written, index)] as const)
      : [[value, written] as const];
  const found = values.flatMap(([one, text]) => {
    const isItem = operation === "append" && !Array.isArray(one);
    const own = isItem ? views.flatMap((view) => childViews(view, 0)) : views;
    return valueProblems(one, own, text);
  });
  return found.map(({ below, message, isAbsence }) => {
    const removal = isAbsence ? `, and ~${formatPath([...path, ...below])} leaves it out` : "";
    return { below, message: `${message}${removal}` };
  });
}

/**
 * The value that an override merges at its path, or the sentence that says why it cannot.
 * @param views - All that its field may be.
 */
export function operationValue(
  override: Override,
  views: readonly SchemaView[],
): OperationValue | string {
  switch (override.operation) {
    case "set":
    case "add":
    case "forceAdd": {
      const value = typeOverride(override, views);
      return { value, names: referenceNames(value) };
    }
    case "replace":
      return perValue(override, typeOverride(override, views), (value) => {
        return { kind: "replace", value };
      });
    case "append":
    case "subtract":
      return itemsValue(override, views);
    case "remove":
      return removal(override, views);
  }
}

/** The patch that writes a value at a path. */
export function patchAt(path: Path, value: unknown): unknown {
  let patch = value;
  for (const part of path.toReversed())
    patch = typeof part === "number" ? new IndexEdit(part, patch) : { [part]: patch };
  return patch;
}

/**
 * Why the field at a path cannot be removed, as a sentence; `undefined` where it can: items of lists, entries of records,
 * and whatever is optional or has a default.
 */
export function removalProblem(path: Path, root: SchemaView): string | undefined {
  const part = path.at(-1);
  if (part === undefined || typeof part === "number") return undefined;
  const isEntry = viewsAt(root, path.slice(0, -1)).some((view) =>
    [view, ...view.options()].some(({ shape }) => shape === "record" || shape === "unknown"),
  );
  const views = viewsAt(root, path);
  const isSpared = views.some((view) => view.isOptional || view.fallback !== undefined);
  if (isEntry || isSpared) return undefined;
  return `is required: ${describeSchema(views[0])}; it can be changed but not removed`;
}

function itemsValue(override: Override, views: readonly SchemaView[]): OperationValue | string {
  const { operation } = override;
  const lists = views.filter((view) => listView(view) !== undefined || view.shape === "unknown");
  if (lists.length === 0) {
    const sign = operation === "append" ? "+=" : "-=";
    return `is not a list but ${describeSchema(views[0])}, so ${sign} has no meaning here; write = to set it`;
  }
  if (operation === "subtract") {
    if (holdsMarker(override.value)) return "-= takes plain items away, not axes or references";
    const items = itemsOf(typeOverride(override, views, { areItems: true }));
    return plain(marked({ kind: "subtract", items }, override));
  }
  const typed = typeOverride(override, views, { areItems: true });
  return perValue(override, typed, (value) => ({ kind: "append", items: itemsOf(value) }));
}

function removal(override: Override, views: readonly SchemaView[]): OperationValue | string {
  const { hasValue, value } = override;
  if (!hasValue) return plain(marked({ kind: "remove" }, override));
  if (holdsMarker(value)) return "~ compares with a plain value, not with an axis or a reference";
  const equals = { value: typeOverride(override, views) };
  return plain(marked({ kind: "remove", equals }, override));
}

function plain(value: unknown): OperationValue {
  return { value, names: new Map() };
}

/** A list stands for its items, anything else is one item. */
function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Wraps a value, or each value of an axis. */
function perValue(
  override: Override,
  typed: unknown,
  wrap: (value: unknown) => MarkerMeaning,
): OperationValue {
  const marker = markerData(typed);
  if (marker?.kind !== "choice" && marker?.kind !== "range")
    return plain(marked(wrap(typed), override));
  const values =
    marker.kind === "range"
      ? rangeValues(marker.start, marker.stop, marker.step)
      : [...marker.values];
  const sign = override.operation === "append" ? "+=" : ":=";
  const wrapped = values.map((value) => {
    const shown = holdsMarker(value) ? sign : `${sign}${JSON.stringify(value)}`;
    return [marked(wrap(value), override), shown] as const;
  });
  const choice = { kind: "choice", values: wrapped.map(([value]) => value) } as const;
  return { value: marked(choice, override), names: new Map(wrapped) };
}

function marked(meaning: MarkerMeaning, { index }: Override): unknown {
  const call: CallSite = { file: "command line", line: index + 1, column: 1 };
  return createMarker({ ...meaning, call });
}

function typeOverride(
  { value, written }: Override,
  views: readonly SchemaView[],
  { areItems = false }: { readonly areItems?: boolean } = {},
): unknown {
  const marker = markerData(value);
  const typeOne = (one: unknown, text: Override["written"]): unknown => {
    const isItem = areItems && !Array.isArray(one);
    const own = isItem ? views.flatMap((view) => childViews(view, 0)) : views;
    return typeValue(one, own, text);
  };
  if (marker?.kind === "choice") {
    const values = marker.values.map((item, index) => typeOne(item, writtenAt(written, index)));
    return createMarker({ ...marker, values });
  }
  return marker === undefined ? typeOne(value, written) : value;
}

/** Tells whether a marker stands for a value or for anything inside of it. */
export function holdsMarker(value: unknown): boolean {
  if (markerData(value) !== undefined) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsMarker);
}
