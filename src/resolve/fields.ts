/** Every field of a schema as a flat list: what help, tables, completion and agents are told about a path. */
import type { JsonValue } from "../core/json.ts";
import type { Mark } from "../core/marks.ts";
import { formatPath, type Path } from "../core/path.ts";
import { describeSchema } from "./describe-schema.ts";
import type { FieldDocs, ObjectSignature } from "./field-docs.ts";
import { rangeText } from "./range-text.ts";
import type { SchemaView } from "./schema-view.ts";

/** What is known of one field. A path that members of a union share with different meanings has one entry a meaning. */
export interface FieldInfo {
  /** `optimizer.learningRate`; `[]` stands for any item of a list, `<name>` for any key of a record. */
  readonly path: string;
  readonly shape: SchemaView["shape"];
  /** In plain words: `a whole number or null`. */
  readonly type: string;
  /** What numbers, lengths or patterns are allowed: `> 0, ≤ 1000`. */
  readonly range?: string;
  readonly unit?: string;
  /** The value where no layer sets one. */
  readonly default?: JsonValue;
  /** Some layer has to set it wherever its object is set. */
  readonly isRequired: boolean;
  readonly mark: Mark;
  readonly doc?: string;
  /** The only values allowed, where they are listed. */
  readonly values?: readonly JsonValue[];
  /** Of a list: the items that can be named, where there are such; others may be allowed too. */
  readonly items?: readonly JsonValue[];
  /** Of a union: its members by the value of `kind`, each with its doc. */
  readonly members?: readonly FieldMember[];
  /** The values of the nearest `kind` above under which the field exists, where it does not under all. */
  readonly onlyIn?: { readonly path: string; readonly kinds: readonly JsonValue[] };
  /** All that stands below it is what stands above it once more, at any depth. */
  readonly isRecursive?: true;
  /** It lies in such a repetition: lists leave it out. */
  readonly isRepeated?: true;
}

export interface FieldMember {
  readonly kind: JsonValue;
  readonly doc?: string;
}

/** Deep enough for any config, and an end for schemas that contain themselves. */
const maxDepth = 8;

/** All fields of a task's schema, parents before children, in the order of the schema. */
export function listFields(root: SchemaView, docs: FieldDocs): readonly FieldInfo[] {
  return joinMembers(below(root, { path: "", depth: 0, mark: "identity", docs }));
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly mark: Mark;
  readonly docs: FieldDocs;
  readonly parentKey?: string;
  readonly onlyIn?: FieldInfo["onlyIn"];
  /** The views on the way to here: one that comes again is a schema that contains itself. */
  readonly above?: readonly SchemaView[];
  readonly isRepeated?: boolean;
}

/** The fields below a view, without the view itself. */
function below(view: SchemaView, outer: Place): readonly FieldInfo[] {
  if (outer.depth >= maxDepth) return [];
  const { above = [], isRepeated = false } = outer;
  const place = {
    ...outer,
    above: [...above, view],
    isRepeated: isRepeated || above.includes(view),
  };
  switch (view.shape) {
    case "object":
      return objectFields(view, place, undefined);
    case "union":
      return [...view.members()].flatMap(([kind, member]) => {
        const path = join(place.path, view.discriminator);
        const onlyIn = { path, kinds: [kind as JsonValue] }; // literals of zod that JSON can say
        return objectFields(member, { ...place, onlyIn }, kind);
      });
    case "anyOf":
      return view.options().flatMap((option) => below(option, place));
    case "list":
    case "tuple":
    case "record":
      return entryFields(view, place);
    case "scalar":
    case "unknown":
      break;
  }
  return [];
}

function objectFields(view: SchemaView, place: Place, kind: unknown): readonly FieldInfo[] {
  if (view.shape !== "object") return below(view, place);
  const docs = place.docs.ofObject(signatureOf(view, place, kind));
  return [...view.fields()].flatMap(([key, field]) => {
    const path = join(place.path, key);
    const mark = field.facts.mark ?? place.mark;
    const { docs: all, depth, onlyIn, above = [], isRepeated = false } = place;
    const at = { path, mark, docs: all, depth, above, isRepeated };
    const own = describe(field, { ...at, ...(onlyIn && { onlyIn }) });
    const doc = field.description ?? docs.get(key);
    const inner = { path, mark, docs: all, depth: depth + 1, parentKey: key, above, isRepeated };
    const deeper = below(field, { ...inner, ...(onlyIn && { onlyIn }) });
    return [{ ...own, ...(doc === undefined ? {} : { doc }), ...recursion(deeper) }, ...deeper];
  });
}

function signatureOf(view: SchemaView, { parentKey }: Place, kind: unknown): ObjectSignature {
  const keys = [...view.fields().keys()];
  return { keys, kind, ...(parentKey === undefined ? {} : { parentKey }) };
}

/** Items are only worth entries of their own where they have fields. */
function entryFields(view: SchemaView, place: Place): readonly FieldInfo[] {
  const entry = view.entry();
  if (entry === undefined) return [];
  const path = `${place.path}${view.shape === "record" ? ".<name>" : "[]"}`;
  const mark = entry.facts.mark ?? place.mark;
  // Nobody has to write an entry.
  const own = { ...describe(entry, { ...place, path, mark }), isRequired: false };
  const deeper = below(entry, { ...place, path, mark, depth: place.depth + 1 });
  const isShown = view.shape === "record" || deeper.length > 0;
  return isShown ? [{ ...own, ...recursion(deeper) }, ...deeper] : [];
}

function recursion(deeper: readonly FieldInfo[]): Pick<FieldInfo, "isRecursive"> {
  const isRecursive = deeper.length > 0 && deeper.every((field) => field.isRepeated === true);
  return isRecursive ? { isRecursive } : {};
}

function describe(view: SchemaView, place: Place): FieldInfo {
  const { path, mark, onlyIn, docs, above = [], isRepeated = false } = place;
  const { fallback, facts, isOptional, values } = view;
  const range = rangeText(view);
  const members = membersOf(view, docs, place);
  const items = view.shape === "list" ? namedIn(view.entry()) : [];
  return {
    path,
    shape: view.shape,
    type: typeText(view),
    ...(range === undefined ? {} : { range }),
    ...(facts.unit === undefined ? {} : { unit: facts.unit }),
    ...(fallback === undefined ? {} : { default: fallback.value as JsonValue }), // JSON: `defineTask` checks it
    isRequired: !isOptional && fallback === undefined,
    mark,
    ...(values.length === 0 ? {} : { values: values as readonly JsonValue[] }),
    ...(items.length === 0 ? {} : { items: items as readonly JsonValue[] }),
    ...(members.length === 0 ? {} : { members }),
    ...(onlyIn && { onlyIn }),
    ...(isRepeated || above.includes(view) ? { isRepeated: true } : {}),
  };
}

function namedIn(view: SchemaView | undefined): readonly unknown[] {
  if (view?.shape === "anyOf") return view.options().flatMap(namedIn);
  return view?.values ?? [];
}

function membersOf(view: SchemaView, docs: FieldDocs, place: Place): readonly FieldMember[] {
  if (view.shape === "anyOf") {
    return view.options().flatMap((option) => membersOf(option, docs, place));
  }
  if (view.shape !== "union") return [];
  return [...view.members()].map(([kind, member]) => {
    const keyDoc =
      member.shape === "object"
        ? docs.ofObject(signatureOf(member, place, kind)).get(view.discriminator)
        : undefined;
    const doc = member.description ?? keyDoc;
    return { kind: kind as JsonValue, ...(doc === undefined ? {} : { doc }) };
  });
}

function typeText(view: SchemaView): string {
  const entry = view.shape === "list" ? view.entry() : undefined;
  return entry === undefined
    ? describeSchema(view)
    : `a list, each ${typeText(entry)}${view.isNullable ? "; or null" : ""}`;
}

/** Fields that several members of a union share, word for word, become one; so do their `kind` fields. */
function joinMembers(fields: readonly FieldInfo[]): readonly FieldInfo[] {
  const joined = new Map<string, FieldInfo>();
  for (const field of fields) {
    const { onlyIn, ...rest } = field;
    const isKind = onlyIn?.path === field.path;
    const key = isKind ? `${field.path} kind` : JSON.stringify(rest);
    const known = joined.get(key);
    joined.set(key, known === undefined ? withoutMemberDoc(field, isKind) : merge(known, field));
  }
  return byPath([...joined.values()].map((field) => withoutAllKinds(field, joined)));
}

/** A field that every member has exists always. */
function withoutAllKinds(field: FieldInfo, joined: ReadonlyMap<string, FieldInfo>): FieldInfo {
  const { onlyIn, ...rest } = field;
  const numKinds = onlyIn && joined.get(`${onlyIn.path} kind`)?.values?.length;
  return onlyIn?.kinds.length === numKinds ? rest : field;
}

/** What a member's doc says is said of the member, not of the field that chooses it. */
function withoutMemberDoc(field: FieldInfo, isKind: boolean): FieldInfo {
  if (!isKind) return field;
  const { doc: _doc, onlyIn: _onlyIn, ...rest } = field;
  return rest;
}

function merge(first: FieldInfo, second: FieldInfo): FieldInfo {
  if (first.onlyIn === undefined || second.onlyIn === undefined) {
    const values = [...(first.values ?? []), ...(second.values ?? [])];
    if (values.length === 0) return first;
    return {
      ...first,
      values,
      type: `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    };
  }
  const kinds = [...new Set([...first.onlyIn.kinds, ...second.onlyIn.kinds])];
  return { ...first, onlyIn: { path: first.onlyIn.path, kinds } };
}

/** A path's meanings stand together, where the path was first seen. */
function byPath(fields: readonly FieldInfo[]): readonly FieldInfo[] {
  const groups = new Map<string, FieldInfo[]>();
  for (const field of fields) {
    const same = groups.get(field.path);
    if (same === undefined) groups.set(field.path, [field]);
    else same.push(field);
  }
  return [...groups.values()].flat();
}

function join(path: string, key: string): string {
  const own = formatPath([key] satisfies Path);
  return path === "" || own.startsWith("[") ? `${path}${own}` : `${path}.${own}`;
}
