/** Merging objects: key by key, with unions whose kind changes and fields that exclude each other. */
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { axisMarker } from "./axes.ts";
import { addStep, defaultAt, deferred, maxDepth, refuse, type MergePart } from "./merge-place.ts";
import { childViews, objectView, unionView } from "./schema-queries.ts";
import { leafValue, type ObjectTree, type Tree, type Writing } from "./tree.ts";

/** An object written over what stands there; `undefined` where it only takes away from what is not there. */
export function mergeObject(
  base: Tree | undefined,
  patch: Record<string, unknown>,
  at: MergePart,
): Tree | undefined {
  if (base?.kind === "deferred") return addStep(base, patch, at);
  if (base?.kind === "computed" && ["derived", "reference"].includes(base.marker.kind))
    return refuse(at, "changes parts of a derived value; write the whole with replace(…)");
  const discriminator = unionView(at.view)?.discriminator;
  if (discriminator !== undefined && at.choose === undefined && axisMarker(patch[discriminator]))
    return deferred(base, patch, at);
  // A default is itself the lowest layer, and stands on nothing.
  const inherited = base === undefined && at.layer !== undefined ? defaultAt(at) : base;
  if (inherited === undefined && isRemoval(patch)) return undefined;
  const start: ObjectTree =
    inherited?.kind === "object" ? inherited : { kind: "object", fields: new Map() };
  if (discriminator === undefined)
    return mergeFields(start, patch, { ...at, view: objectView(at.view, undefined) });
  return mergeMember(start, patch, { ...at, discriminator });
}

/** Taking away from what is not there must not bring it about. */
function isRemoval(patch: unknown, depth = 0): boolean {
  if (!isPlainObject(patch)) return markerData(patch)?.kind === "remove";
  if (depth > maxDepth) return false; // it may hold itself
  const values = Object.values(patch);
  return values.length > 0 && values.every((value) => isRemoval(value, depth + 1));
}

/** A change of a union: another `kind` drops all that the old member had. */
function mergeMember(
  inherited: ObjectTree,
  patch: Record<string, unknown>,
  { discriminator, ...at }: MergePart & { readonly discriminator: string },
): Tree {
  const before = leafValue(inherited.fields.get(discriminator));
  if (!Object.hasOwn(patch, discriminator))
    return mergeFields(inherited, patch, { ...at, view: objectView(at.view, before) });
  const path = [...at.path, discriminator];
  const computed = markerData(patch[discriminator])?.kind;
  if (computed === "derived" || computed === "reference")
    return refuse({ ...at, path }, "must be written out or an axis: other fields hang on it");
  const kind = leafValue(
    at.merge(undefined, patch[discriminator], { ...at, path, view: undefined }),
  );
  const isOther = before !== undefined && kind !== before;
  const start: ObjectTree = isOther ? { kind: "object", fields: new Map() } : inherited;
  return mergeFields(start, patch, { ...at, view: objectView(at.view, kind) });
}

/** The fields of an object to be changed; those of a tree that others see are copied first. */
function ownFields({ fields }: ObjectTree, { ownFields: own }: MergePart): Map<string, Tree> {
  if (own?.has(fields)) return fields as Map<string, Tree>; // made below
  const copy = new Map(fields);
  own?.add(copy);
  return copy;
}

function mergeFields(start: ObjectTree, patch: Record<string, unknown>, at: MergePart): Tree {
  const fields = ownFields(start, at);
  const writings: Writing[] = [];
  dropExcluded(fields, patch, at);
  for (const key of Object.keys(patch)) {
    const path = [...at.path, key];
    const place = { ...at, path, view: at.view && childViews(at.view, key)[0] };
    if (key === "__proto__") {
      refuse(place, "is not allowed as a key");
      continue;
    }
    const merged = at.merge(fields.get(key), patch[key], place);
    if (merged !== undefined) fields.set(key, merged);
    else if (fields.delete(key)) writings.push(place);
  }
  if (fields.size === 0) writings.push(at);
  return objectTree(fields, [...(start.writings ?? []), ...writings]);
}

function objectTree(fields: ReadonlyMap<string, Tree>, places: readonly Writing[]): ObjectTree {
  if (places.length === 0) return { kind: "object", fields };
  return { kind: "object", fields, writings: places.map(({ layer, path }) => ({ layer, path })) };
}

/** Of fields that exclude each other, the one that this layer sets takes the place of the one set before. */
function dropExcluded(
  fields: Map<string, Tree>,
  patch: Record<string, unknown>,
  at: MergePart,
): void {
  const { exactlyOneOf = [], atMostOneOf = [] } = at.view?.facts ?? {};
  for (const group of [...exactlyOneOf, ...atMostOneOf]) {
    const isSet = (key: string): boolean =>
      Object.hasOwn(patch, key) && markerData(patch[key])?.kind !== "remove";
    const [first, second] = group.filter(isSet);
    if (first === undefined) continue;
    for (const other of group) if (other !== first) fields.delete(other);
    if (second === undefined) continue;
    refuse(
      { ...at, path: [...at.path, second] },
      `cannot be set together with ${first}`,
      patch[second],
    );
  }
}
