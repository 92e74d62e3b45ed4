import { z } from "zod";
import { expect, test } from "vitest";
import { field } from "../../../src/core/marks.ts";
import { noFieldDocs } from "../../../src/resolve/field-docs.ts";
import { listFields, type FieldInfo } from "../../../src/resolve/fields.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { smallSchema } from "./support/small-task.ts";

function fieldsOf(schema: z.ZodType): ReadonlyMap<string, readonly FieldInfo[]> {
  const found = new Map<string, FieldInfo[]>();
  for (const one of listFields(createSchemaView(schema), noFieldDocs)) {
    found.set(one.path, [...(found.get(one.path) ?? []), one]);
  }
  return found;
}

test("a list tells the items that can be named, whatever else may stand there", () => {
  const tool = z.union([z.enum(["csv", "hf"]), z.strictObject({ kind: z.literal("csv") })]);
  const fields = fieldsOf(
    z.strictObject({
      tools: z.array(tool),
      sides: z.array(z.enum(["left"])),
      tags: z.array(z.string()),
    }),
  );
  const items = ["tools", "sides", "tags"].map((path) => fields.get(path)?.[0]?.items);
  expect(items).toEqual([["csv", "hf"], ["left"], undefined]);
});

test("a field has type, limits, unit, default and mark", () => {
  const fields = fieldsOf(
    z.strictObject({
      rate: z.number().gt(0).max(1).default(0.5).describe("How fast."),
      steps: z
        .int()
        .min(1)
        .nullable()
        .default(null)
        .meta(field({ unit: "steps" })),
      sizes: z.array(z.int().min(1)).min(1).max(4),
      note: z
        .string()
        .max(9)
        .optional()
        .meta(field({ mark: "label" })),
      side: z.enum(["left", "right"]),
      odd: z.number().multipleOf(0.5).lt(Number.MAX_SAFE_INTEGER),
      code: z.string().regex(/^a+$/),
    }),
  );
  const only = (path: string): FieldInfo | undefined => fields.get(path)?.[0];
  expect(only("rate")).toMatchObject({
    type: "a number",
    range: "> 0, ≤ 1",
    default: 0.5,
    isRequired: false,
    mark: "identity",
    doc: "How fast.",
  });
  expect(only("steps")).toMatchObject({
    type: "a whole number or null",
    unit: "steps",
    default: null,
  });
  expect(only("sizes")).toMatchObject({ type: "a list, each a whole number", isRequired: true });
  expect(only("sizes")?.range).toBe("1 to 4 items, each ≥ 1");
  expect(only("note")).toMatchObject({
    mark: "label",
    isRequired: false,
    range: "at most 9 characters",
  });
  expect(only("side")?.values).toEqual(["left", "right"]);
  expect(only("odd")?.range).toBe("a multiple of 0.5");
  expect(only("code")?.range).toBe("matches /^a+$/");
});

test("members of a union share what they have in common, and say which kinds the rest belongs to", () => {
  const fields = fieldsOf(smallSchema);
  expect(fields.get("optimizer")?.[0]?.members?.map(({ kind }) => kind)).toEqual(["adamw", "sgd"]);
  expect(fields.get("optimizer.kind")).toMatchObject([{ values: ["adamw", "sgd"] }]);
  expect(fields.get("optimizer.learningRate")).toHaveLength(1);
  expect(fields.get("optimizer.learningRate")?.[0]).not.toHaveProperty("onlyIn");
  expect(fields.get("optimizer.momentum")).toMatchObject([
    { onlyIn: { path: "optimizer.kind", kinds: ["sgd"] } },
  ]);
  expect(fields.get("logging.interval")?.[0]?.mark).toBe("operation"); // inherited
  expect(fields.get("seeds.<name>")?.[0]?.type).toBe("a whole number");
  expect(fields.get("augment[].kind")?.[0]?.values).toEqual(["flip", "crop"]);
});

test("members that mean different things by one path have an entry each", () => {
  const a = z.strictObject({ kind: z.literal("a"), size: z.int().default(1) });
  const b = z.strictObject({ kind: z.literal("b"), size: z.string() });
  const fields = fieldsOf(z.strictObject({ model: z.discriminatedUnion("kind", [a, b]) }));
  expect(fields.get("model.size")?.map(({ type, onlyIn }) => [type, onlyIn?.kinds])).toEqual([
    ["a whole number", ["a"]],
    ["a text", ["b"]],
  ]);
});

test("a schema that contains itself has an end", () => {
  interface Node {
    readonly next?: Node | undefined;
  }
  const node: z.ZodType<Node> = z.lazy(() => z.strictObject({ next: node.optional() }));
  const paths = [...fieldsOf(z.strictObject({ root: node })).keys()];
  expect(paths.length).toBeGreaterThan(3);
  expect(paths.length).toBeLessThan(20);
});

test("what a schema repeats inside of itself is told once, and marked where it comes again", () => {
  const schema = z.strictObject({ parameters: z.record(z.string(), z.json()) });
  const all = [...fieldsOf(schema).values()].flat();
  expect(all.filter(({ isRepeated }) => isRepeated !== true)).toMatchObject([
    { path: "parameters", isRequired: true },
    { path: "parameters.<name>", isRequired: false, isRecursive: true },
  ]);
  expect(all.find(({ path }) => path === "parameters.<name>.<name>[]")).toBeDefined();
});
