/** The input of a task as JSON Schema 2020-12, for editors, generators and agents. */
import { z } from "zod";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { fieldFacts, type FieldFacts } from "../core/marks.ts";
import type { FieldDocs } from "./field-docs.ts";

/** What `taskJsonSchema` describes. */
export interface DescribedTask {
  readonly name: string;
  readonly version: number;
  readonly schema: z.ZodType;
}

/**
 * The schema of a whole config as it may be written: what has a default may be left out. Doc comments become
 * descriptions; `x-unit` and `x-mark` say unit and mark of a field.
 */
export function taskJsonSchema(task: DescribedTask, docs: FieldDocs): JsonObject {
  const made = z.toJSONSchema(task.schema, {
    target: "draft-2020-12",
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema, path }) => {
      const [before, key] = path.slice(-2);
      const parentKey =
        before === "properties" && typeof key === "string" ? { parentKey: key } : {};
      annotate(jsonSchema, { docs, ...parentKey });
    },
  });
  const { $schema, ...rest } = made;
  const title = `Config of the task ${task.name}, version ${task.version}`;
  return withoutOwn({ $schema, title, ...rest }) as JsonObject; // zod gives JSON; what is not is taken off here
}

interface Place {
  readonly docs: FieldDocs;
  readonly parentKey?: string;
}

/** Called by zod for every schema, inner ones first. */
function annotate(schema: Record<string, unknown>, place: Place): void {
  const facts = fieldFacts(schema);
  delete schema["lockstep"];
  describeProperties(schema, place);
  describeMembers(schema);
  if (facts === undefined) return;
  if (facts.unit !== undefined) schema["x-unit"] = facts.unit;
  if (facts.mark !== undefined) schema["x-mark"] = facts.mark;
  requireGroups(schema, facts);
}

function describeProperties(schema: Record<string, unknown>, { docs, parentKey }: Place): void {
  const { properties } = schema;
  if (!isPlainObject(properties)) return;
  const kind = isPlainObject(properties["kind"]) ? properties["kind"]["const"] : undefined;
  const keys = Object.keys(properties);
  const known = docs.ofObject({ keys, kind, ...(parentKey === undefined ? {} : { parentKey }) });
  for (const [key, property] of Object.entries(properties)) {
    const doc = known.get(key);
    if (doc !== undefined && isPlainObject(property)) property["description"] ??= doc;
  }
}

/** The doc of a member's `kind` is that of the member. */
function describeMembers(schema: Record<string, unknown>): void {
  const { properties } = schema;
  if (!isPlainObject(properties) || !isPlainObject(properties["kind"])) return;
  const { description } = properties["kind"];
  if (typeof description === "string") schema["description"] ??= description;
}

function requireGroups(schema: Record<string, unknown>, facts: FieldFacts): void {
  const groups = [
    ...(facts.exactlyOneOf ?? []).map((keys) => ({
      oneOf: keys.map((key) => ({ required: [key] })),
    })),
    ...(facts.atMostOneOf ?? []).map((keys) => ({ not: { required: [...keys] } })),
  ];
  if (groups.length > 0) schema["allOf"] = groups;
}

/** Keys that zod keeps for itself begin with `~`. */
function withoutOwn(value: unknown): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutOwn(item) ?? null);
  if (!isPlainObject(value)) return value as JsonValue | undefined;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const kept = withoutOwn(inner);
    return key.startsWith("~") || kept === undefined ? [] : [[key, kept] as const];
  });
  return Object.fromEntries(entries);
}
