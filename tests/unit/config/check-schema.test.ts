import { expect, test } from "vitest";
import { z } from "zod";
import { schemaIssues } from "../../../src/config/check-schema.ts";
import { trainingSchema } from "../../../schemas/training.ts";
import { sumSchema } from "./sum-task.ts";

/** The issues of a schema with one field, as lines. */
function issuesOf(field: z.core.$ZodType): string[] {
  return schemaIssues(z.strictObject({ a: field })).map(
    ({ path, message }) => `${path.join(".")}: ${message}`,
  );
}

test("the built-in schema and one with every allowed type are fine", () => {
  expect(schemaIssues(trainingSchema)).toEqual([]);
  expect(schemaIssues(sumSchema)).toEqual([]);
});

interface Tree {
  left?: Tree | undefined;
  value: number;
}
const tree: z.ZodType<Tree, Tree> = z.strictObject({
  value: z.number(),
  get left() {
    return tree.optional();
  },
});

test.each<[string, z.core.$ZodType]>([
  ["texts with formats", z.email()],
  ["numbers", z.number().min(0).max(1).multipleOf(0.5)],
  ["choices", z.enum(["a", "b"]).nullable().default(null)],
  ["literals", z.literal(["a", 1, true, null])],
  ["tuples", z.tuple([z.int(), z.string()], z.boolean())],
  ["records", z.record(z.string(), z.int().array())],
  ["anything", z.json().or(z.unknown())],
  [
    "refinements and brands",
    z
      .string()
      .refine((text) => text !== "x")
      .brand("name")
      .readonly(),
  ],
  ["intersections", z.intersection(z.int(), z.number())],
  ["themselves", tree],
  ["a union of texts and objects", z.union([z.string(), z.strictObject({ kind: z.literal("b") })])],
  ["a member without others", z.strictObject({ kind: z.literal("only"), width: z.int() })],
  ["template texts", z.templateLiteral(["a", z.int()])],
])("%s are allowed, and have a JSON Schema", (_, schema) => {
  expect(issuesOf(schema)).toEqual([]);
  expect(() => z.toJSONSchema(schema, { io: "input" })).not.toThrow();
});

test("what is no schema is an issue, wherever it stands", () => {
  const no = (value: unknown): z.core.$ZodType => value as z.core.$ZodType;
  const member = z.strictObject({ kind: no("own"), size: z.int() });
  expect(issuesOf(no(5))).toEqual(["a: is 5, not a schema of zod 4"]);
  expect(issuesOf(no(undefined))).toEqual(["a: is undefined, not a schema of zod 4"]);
  expect(issuesOf(no({ _def: { typeName: "ZodString" } }))).toEqual([
    "a: is an object, not a schema of zod 4",
  ]);
  expect(issuesOf(member)).toEqual(['a.kind: is the string "own", not a schema of zod 4']);
  expect(issuesOf(z.array(no("x")))).toEqual(['a.*: is the string "x", not a schema of zod 4']);
});

test.each<[string, z.core.$ZodType]>([
  ["bigint", z.bigint()],
  ["date", z.date()],
  ["undefined", z.undefined()],
  ["void", z.void()],
  ["symbol", z.symbol()],
  ["map", z.map(z.string(), z.int())],
  ["set", z.set(z.string())],
  ["file", z.file()],
  ["nan", z.nan()],
  ["promise", z.promise(z.int())],
  ["function", z.custom<() => number>()],
  ["custom", z.custom<string>()],
  ["instanceof", z.instanceof(Date)],
  ["transform", z.string().transform((text) => text.length)],
  ["transform alone", z.transform((value) => value)],
  ["pipe", z.string().pipe(z.email())],
  ["preprocess", z.preprocess((value) => value, z.int())],
  ["stringbool", z.stringbool()],
  ["coerce", z.coerce.number()],
  ["trim", z.string().trim()],
  ["lower case", z.string().toLowerCase()],
  ["catch", z.int().catch(0)],
  ["literal of a bigint", z.literal(1n)],
  ["loose rest", z.object({ b: z.int() })],
])("%s is refused, with the path", (_, schema) => {
  expect(issuesOf(schema).length).toBeGreaterThan(0);
  for (const wrapped of [schema, z.array(schema), z.optional(schema)]) {
    expect(issuesOf(wrapped).every((line) => /^a(\.\*)?: /.test(line))).toBe(true);
  }
  expect(
    issuesOf(z.strictObject({ b: z.record(z.string(), z.union([z.int(), schema])) }))[0],
  ).toMatch(/^a\.b\.\*: /);
});

test("whatever has no JSON Schema is refused", () => {
  const candidates = [
    z.bigint(),
    z.date(),
    z.undefined(),
    z.map(z.int(), z.int()),
    z.custom(),
    z.nan(),
  ];
  for (const schema of candidates) {
    expect(() => z.toJSONSchema(schema)).toThrow(/cannot be represented in JSON Schema/);
    expect(issuesOf(schema)).not.toEqual([]);
  }
});

test("`kind` tells members of a union apart and nothing else", () => {
  expect(issuesOf(z.strictObject({ kind: z.string() }))).toEqual([
    "a: the key `kind` tells members of a union apart: make it a z.literal(), or choose another name",
  ]);
  expect(issuesOf(z.strictObject({ kind: z.enum(["a", "b"]) }))).toHaveLength(1);
  expect(issuesOf(z.strictObject({ kind: z.literal("a").default("a") }))).toHaveLength(1);
  const member = z.strictObject({ kind: z.enum(["a", "b"]), width: z.int() });
  expect(issuesOf(z.discriminatedUnion("kind", [member]))).toEqual([]);
  const byType = [
    z.strictObject({ type: z.literal("a") }),
    z.strictObject({ type: z.literal("b") }),
  ];
  expect(
    issuesOf(z.discriminatedUnion("type", [byType[0] ?? member, byType[1] ?? member] as never)),
  ).toEqual(["a: members of a union are told apart by `kind`, not by `type`"]);
});

test("the root is a strict object", () => {
  expect(schemaIssues(z.int())).toMatchObject([
    { path: [], message: expect.stringContaining("z.strictObject") as string },
  ]);
  expect(schemaIssues(z.object({}))).toMatchObject([
    { message: expect.stringContaining("drops unknown keys") as string },
  ]);
});

test("all faults are said at once", () => {
  const schema = z.strictObject({
    a: z.date(),
    b: z.strictObject({ c: z.set(z.int()), kind: z.int() }),
  });
  expect(schemaIssues(schema).map(({ path }) => path.join("."))).toEqual(["a", "b", "b.c"]);
});
