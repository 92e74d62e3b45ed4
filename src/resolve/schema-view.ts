/**
 * What merging, defaults, messages and identities need to know of a zod schema: its fields, members, defaults and
 * marks, with wrappers such as `.optional()` taken off. Built once a schema and entered on demand, so that a schema
 * that contains itself is no trouble.
 */
import type { z } from "zod";
import { fieldFacts, type FieldFacts } from "../core/marks.ts";
import { limitsOf, type FieldLimits, type ZodCheck } from "./field-limits.ts";

/**
 * The value of a field that no layer sets, from `.default(…)` or `.prefault(…)`. Both mean the same here: inner defaults
 * are filled in, so that a config which is validated again stays as it is.
 */
export interface Fallback {
  readonly value: unknown;
}

export type ScalarType = "string" | "number" | "boolean" | "null";

/** One node of a schema. Which of the child accessors gives something depends on `shape`. */
export interface SchemaView {
  readonly shape: "object" | "record" | "list" | "tuple" | "union" | "anyOf" | "scalar" | "unknown";
  /** Facts attached to this very field, not those inherited from above. */
  readonly facts: FieldFacts;
  /** What `.describe(…)` or `.meta({ description })` says of this very field. */
  readonly description: string | undefined;
  /** The field may be absent from the resolved config. */
  readonly isOptional: boolean;
  readonly isNullable: boolean;
  readonly fallback: Fallback | undefined;
  /** For `scalar`: which JSON scalars may stand here. */
  readonly scalars: readonly ScalarType[];
  /** For `scalar`: the only values allowed, where they are listed. */
  readonly values: readonly unknown[];
  readonly isWhole: boolean;
  /** For `scalar` and `list`. */
  readonly limits: FieldLimits;
  /** For `object`: its fields by name. */
  fields(): ReadonlyMap<string, SchemaView>;
  /** For `record` and `list`: what each entry is. For `tuple`: what stands at an index. For an open `object`: the rest. */
  entry(index?: number): SchemaView | undefined;
  /** For `union`: the key that tells members apart. */
  readonly discriminator: string;
  /** For `union`: its members by the discriminator's value. */
  members(): ReadonlyMap<unknown, SchemaView>;
  /** For `anyOf`: its options. */
  options(): readonly SchemaView[];
}

/** The part of zod's definitions that is read here; zod types each kind of schema on its own. */
interface ZodDefinition {
  readonly type: string;
  readonly innerType?: ZodNode;
  readonly getter?: () => ZodNode;
  readonly in?: ZodNode;
  readonly defaultValue?: unknown;
  readonly shape?: Readonly<Record<string, ZodNode>>;
  readonly valueType?: ZodNode;
  readonly element?: ZodNode;
  readonly catchall?: ZodNode | null;
  readonly items?: readonly ZodNode[];
  readonly rest?: ZodNode | null;
  readonly options?: readonly ZodNode[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly format?: string;
  readonly checks?: readonly { readonly _zod: { readonly def: ZodCheck } }[];
}
interface ZodNode {
  readonly _zod: {
    readonly def: ZodDefinition;
    readonly propValues?: Readonly<Record<string, ReadonlySet<unknown>>>;
  };
  meta?(): unknown;
}

/** The view of a task's schema. */
export function createSchemaView(schema: z.ZodType): SchemaView {
  return viewOf(schema as ZodNode);
}

/** Everything that wrappers say about the schema inside them. */
interface Unwrapped {
  readonly node: ZodNode;
  readonly facts: FieldFacts;
  readonly description: string | undefined;
  readonly isOptional: boolean;
  readonly isNullable: boolean;
  readonly fallback: Fallback | undefined;
}

/** Schemas do not change, so neither do their views; building one costs more than resolving a config with it. */
const views = new WeakMap<ZodNode, SchemaView>();

function viewOf(schema: ZodNode): SchemaView {
  const known = views.get(schema);
  if (known !== undefined) return known;
  const view = createView(schema);
  views.set(schema, view);
  return view;
}

function createView(schema: ZodNode): SchemaView {
  const { node, ...outer } = unwrap(schema);
  const definition = node._zod.def;
  const shape = shapeOf(definition);
  return {
    ...outer,
    shape,
    scalars: shape === "scalar" ? scalarsOf(definition) : [],
    values: valuesOf(definition),
    isWhole: isWholeNumber(definition),
    limits: limitsOf(definition),
    discriminator: definition.discriminator ?? "",
    fields: once(() => fieldsOf(definition)),
    entry: entryOf(definition),
    members: once(() => membersOf(definition)),
    options: once(() => (definition.options ?? []).map(viewOf)),
  };
}

function unwrap(schema: ZodNode): Unwrapped {
  let facts: FieldFacts = {};
  let description: string | undefined;
  let isOptional = false;
  let isNullable = false;
  let fallback: Fallback | undefined;
  let node = schema;
  for (;;) {
    const metadata = node.meta?.();
    facts = { ...fieldFacts(metadata), ...facts }; // what stands further out was said later
    description ??= descriptionOf(metadata);
    const definition = node._zod.def;
    const { type } = definition;
    if (type === "optional") isOptional = fallback === undefined;
    if (type === "nonoptional") isOptional = false;
    if (type === "nullable") isNullable = true;
    if (type === "default" || type === "prefault") {
      fallback ??= { value: definition.defaultValue };
    }
    const inner = innerOf(definition);
    if (inner === undefined) return { node, facts, description, isOptional, isNullable, fallback };
    node = inner;
  }
}

function descriptionOf(metadata: unknown): string | undefined {
  if (typeof metadata !== "object" || metadata === null) return undefined;
  const found = "description" in metadata ? metadata.description : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
}

const wrappers = new Set([
  "optional",
  "nonoptional",
  "nullable",
  "default",
  "prefault",
  "readonly",
  "catch",
]);

function innerOf(definition: ZodDefinition): ZodNode | undefined {
  if (definition.type === "lazy") return definition.getter?.();
  if (definition.type === "pipe") return definition.in;
  return wrappers.has(definition.type) ? definition.innerType : undefined;
}

function shapeOf(definition: ZodDefinition): SchemaView["shape"] {
  switch (definition.type) {
    case "object":
    case "record":
    case "tuple":
      return definition.type;
    case "array":
      return "list";
    case "union":
      return definition.discriminator === undefined ? "anyOf" : "union";
    case "string":
    case "number":
    case "boolean":
    case "null":
    case "literal":
    case "enum":
    case "template_literal":
      return "scalar";
    default:
      return "unknown";
  }
}

function scalarsOf(definition: ZodDefinition): readonly ScalarType[] {
  const { type } = definition;
  if (type === "string" || type === "number" || type === "boolean" || type === "null")
    return [type];
  if (type === "template_literal") return ["string"];
  const types = valuesOf(definition).map((value) => (value === null ? "null" : typeof value));
  return [...new Set(types)] as ScalarType[]; // zod's literals are these four, bigint and undefined
}

function valuesOf(definition: ZodDefinition): readonly unknown[] {
  if (definition.type === "literal") return definition.values ?? [];
  return definition.type === "enum" ? Object.values(definition.entries ?? {}) : [];
}

function isWholeNumber(definition: ZodDefinition): boolean {
  const formats = [
    definition.format,
    ...(definition.checks ?? []).map((one) => one._zod.def.format),
  ];
  return formats.some((format) => format !== undefined && /^(safe|u?)int(32|64)?$/.test(format));
}

function fieldsOf(definition: ZodDefinition): ReadonlyMap<string, SchemaView> {
  return new Map(
    Object.entries(definition.shape ?? {}).map(([key, value]) => [key, viewOf(value)]),
  );
}

function entryOf(definition: ZodDefinition): (index?: number) => SchemaView | undefined {
  const single = definition.valueType ?? definition.element ?? catchallOf(definition);
  const entry = once(() => (single === undefined ? undefined : viewOf(single)));
  const items = once(() => (definition.items ?? []).map(viewOf));
  const rest = once(() => (definition.rest ? viewOf(definition.rest) : undefined));
  return (index = 0) => (definition.type === "tuple" ? (items()[index] ?? rest()) : entry());
}

/** What an open object (`z.looseObject`, `.catchall`) takes for keys that it does not list. */
function catchallOf({ catchall }: ZodDefinition): ZodNode | undefined {
  return catchall?._zod.def.type === "never" ? undefined : (catchall ?? undefined);
}

function membersOf(definition: ZodDefinition): ReadonlyMap<unknown, SchemaView> {
  const members = new Map<unknown, SchemaView>();
  const { discriminator, options = [] } = definition;
  if (discriminator === undefined) return members;
  for (const option of options) {
    const view = viewOf(option);
    for (const value of option._zod.propValues?.[discriminator] ?? []) members.set(value, view);
  }
  return members;
}

function once<T>(compute: () => T): () => T {
  let held: { readonly value: T } | undefined;
  return () => (held ??= { value: compute() }).value;
}
