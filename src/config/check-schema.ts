/**
 * What a config schema may be: JSON in, JSON out, nothing transformed, nothing dropped. Checked once, when a task is
 * defined, by walking zod's own description; its JSON Schema would cost ten times as much to make, and where it fails
 * it does not say at which field.
 */
import type { z } from "zod";
import type { ConfigIssue } from "../core/errors.ts";
import { describeValue } from "./misuse.ts";
import { isSchema, schemaChildren, schemaNode, type SchemaNode } from "./schema-walk.ts";

type TypeName = SchemaNode["_zod"]["def"]["type"];

const noTransform = "transforms values: do that in run, or with derived()";

/** zod's types for values that JSON cannot say, and those that make another value of what was written. */
const refusedTypes: Readonly<Partial<Record<TypeName, string>>> = {
  bigint: "JSON has no big integers: use z.int() or a string",
  symbol: "JSON has no symbols",
  undefined: "JSON has no undefined: use .optional()",
  void: "JSON has no undefined: use .optional()",
  date: "JSON has no dates: use z.iso.datetime()",
  map: "JSON has no maps: use z.record()",
  set: "JSON has no sets: use z.array()",
  file: "JSON has no files: use a path",
  nan: "JSON has no NaN",
  promise: "JSON has no promises",
  function: "JSON has no functions: choose one by its name",
  custom: "z.custom() cannot be written as JSON Schema: describe the data",
  catch: "replaces wrong values instead of refusing them",
  transform: noTransform,
  pipe: noTransform,
  success: noTransform,
};

/** Everything that keeps `schema` from being a config schema; empty for a good one. */
export function schemaIssues(schema: z.core.$ZodType): readonly ConfigIssue[] {
  const root = schemaNode(schema);
  const isObject = root._zod.def.type === "object";
  const issues: ConfigIssue[] = isObject
    ? []
    : [{ path: [], message: "the schema of a task must be a z.strictObject(…)" }];
  visit(root, { path: [], isMember: false, seen: new Set(), issues });
  return issues;
}

interface Visit {
  readonly path: readonly string[];
  /** The schema is a member of a union that `kind` tells apart. */
  readonly isMember: boolean;
  readonly seen: Set<SchemaNode>;
  readonly issues: ConfigIssue[];
}

function visit(node: SchemaNode, at: Visit): void {
  if (!isSchema(node)) {
    const message = `is ${describeValue(node)}, not a schema of zod 4`;
    at.issues.push({ path: at.path, message });
    return;
  }
  const problem = problemOf(node, at.isMember);
  if (problem !== undefined) at.issues.push({ path: at.path, message: problem });
  if (at.seen.has(node)) return; // schemas may hold themselves
  at.seen.add(node);
  const isUnion = node._zod.def.type === "union";
  for (const { step, schema } of schemaChildren(node)) {
    const path = step === undefined ? at.path : [...at.path, typeof step === "string" ? step : "*"];
    visit(schema, { ...at, path, isMember: isUnion });
  }
}

function problemOf(node: SchemaNode, isMember: boolean): string | undefined {
  const { def } = node._zod;
  const refused = refusedTypes[def.type];
  if (refused !== undefined) return refused;
  if ("coerce" in def && def.coerce) return noTransform;
  if (def.checks?.some((check) => check._zod.def.check === "overwrite") === true)
    return noTransform;
  switch (def.type) {
    case "object":
      return objectProblem(def, isMember);
    case "union":
      return unionProblem(def);
    case "literal":
      return def.values.every(isJsonLeaf) ? undefined : "a literal that JSON cannot say";
    default:
      return undefined;
  }
}

function objectProblem(def: z.core.$ZodObjectDef, isMember: boolean): string | undefined {
  if (!def.catchall) return "drops unknown keys without a word: use z.strictObject()";
  const kind = def.shape["kind"];
  if (!isSchema(kind)) return undefined; // absent, or an issue of its own
  const { type } = schemaNode(kind)._zod.def;
  if (type === "literal" || (isMember && type === "enum")) return undefined;
  return "the key `kind` tells members of a union apart: make it a z.literal(), or choose another name";
}

function unionProblem(def: z.core.$ZodUnionDef): string | undefined {
  if (!("discriminator" in def) || def.discriminator === "kind") return undefined;
  return `members of a union are told apart by \`kind\`, not by \`${String(def.discriminator)}\``;
}

function isJsonLeaf(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return value === null || typeof value === "string" || typeof value === "boolean";
}
