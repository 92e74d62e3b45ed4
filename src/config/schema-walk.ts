/** Reading zod's description of a schema: what lies directly below it, and whether it knows a path. */
import type { z } from "zod";
import { formatPath, type Path } from "../core/path.ts";

/** Any schema, as a union that `_zod.def.type` tells apart. */
export type SchemaNode = z.core.$ZodTypes;

/** Stands for any key of a record. */
export const anyKey: unique symbol = Symbol("any key");
/** Stands for any index of a list. */
export const anyIndex: unique symbol = Symbol("any index");

/** A schema below another one. */
export interface SchemaChild {
  /** What leads to it: a key, any key or index, or nothing for the same value (wrappers, union members). */
  readonly step: string | typeof anyKey | typeof anyIndex | undefined;
  readonly schema: SchemaNode;
}

/** A schema under the union type; zod's own classes are all members of it. */
export function schemaNode(schema: z.core.$ZodType): SchemaNode {
  return schema as SchemaNode;
}

/** Tells a schema of zod 4, of whatever build, from anything else; a schema of zod 3 is none. */
export function isSchema(value: unknown): value is z.core.$ZodType {
  if (typeof value !== "object" || value === null || !("_zod" in value)) return false;
  return typeof value._zod === "object" && value._zod !== null;
}

/** What lies directly below a schema. */
export function schemaChildren(node: SchemaNode): readonly SchemaChild[] {
  const { def } = node._zod;
  switch (def.type) {
    case "object": {
      const keys = Object.entries(def.shape).map(([key, schema]) => child(key, schema));
      return def.catchall ? [...keys, child(anyKey, def.catchall)] : keys;
    }
    case "record":
      return [child(anyKey, def.valueType)];
    case "array":
      return [child(anyIndex, def.element)];
    case "tuple":
      return [...def.items, ...(def.rest ? [def.rest] : [])].map((schema) =>
        child(anyIndex, schema),
      );
    case "union":
      return def.options.map((schema) => child(undefined, schema));
    case "intersection":
      return [child(undefined, def.left), child(undefined, def.right)];
    case "lazy":
      return [child(undefined, def.getter())];
    case "optional":
    case "nullable":
    case "nonoptional":
    case "default":
    case "prefault":
    case "readonly":
      return [child(undefined, def.innerType)];
    default:
      return [];
  }
}

/** Tells whether a config of this schema can have a value at `path`, in any member of its unions. */
export function schemaHasPath(schema: z.core.$ZodType, path: Path): boolean {
  return reaches(schemaNode(schema), path, new Set());
}

/** `onTheWay` holds the schemas entered without a step: a lazy schema may lead back to itself. */
function reaches(node: SchemaNode, path: Path, onTheWay: ReadonlySet<SchemaNode>): boolean {
  const [first, ...rest] = path;
  const { type } = node._zod.def;
  if (first === undefined || type === "any" || type === "unknown") return true;
  if (onTheWay.has(node)) return false;
  return schemaChildren(node).some(({ step, schema }) => {
    if (schema._zod.def.type === "never") return false;
    if (step === undefined) return reaches(schema, path, new Set([...onTheWay, node]));
    const isStep =
      typeof first === "number" ? step === anyIndex : step === anyKey || step === first;
    return isStep && reaches(schema, rest, new Set());
  });
}

function child(step: SchemaChild["step"], schema: z.core.$ZodType): SchemaChild {
  return { step, schema: schemaNode(schema) };
}

/** Bounds the walk of schemas that hold themselves: keys on the way, and schemas entered without a key. */
const maxKeys = 6;
const maxWrappers = 12;

/** The dotted paths that a schema knows, up to six keys deep, for suggestions; any-key places are left out. */
export function schemaPaths(schema: z.core.$ZodType): readonly string[] {
  const paths = new Set<string>();
  const collect = (node: SchemaNode, path: Path, numWrappers: number): void => {
    for (const { step, schema: below } of schemaChildren(node)) {
      if (step === undefined && numWrappers < maxWrappers) collect(below, path, numWrappers + 1);
      if (typeof step !== "string" || path.length >= maxKeys) continue;
      paths.add(formatPath([...path, step]));
      collect(below, [...path, step], 0);
    }
  };
  collect(schemaNode(schema), [], 0);
  return [...paths];
}
