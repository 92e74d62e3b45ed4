import { expect, test } from "vitest";
import { z } from "zod";
import { field } from "../../../src/core/marks.ts";
import { describeSchema } from "../../../src/resolve/describe-schema.ts";
import { childViews, keysOf, viewsAt } from "../../../src/resolve/schema-queries.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { suggestPath } from "../../../src/resolve/suggest-path.ts";
import { typeValue } from "../../../src/resolve/type-value.ts";
import { smallSchema } from "./support/small-task.ts";

const root = createSchemaView(smallSchema);

test("wrappers are taken off and remembered", () => {
  const view = createSchemaView(
    z
      .int()
      .meta(field({ unit: "steps" }))
      .nullable()
      .default(3)
      .readonly()
      .meta(field({ mark: "label" })),
  );
  expect(view).toMatchObject({
    shape: "scalar",
    scalars: ["number"],
    isWhole: true,
    isNullable: true,
    isOptional: false,
    fallback: { value: 3 },
    facts: { unit: "steps", mark: "label" },
  });
  expect(createSchemaView(z.string().optional()).isOptional).toBe(true);
  expect(createSchemaView(z.string().prefault("a")).fallback).toEqual({ value: "a" });
});

test("a path leads to one view a member that has it", () => {
  expect(viewsAt(root, ["optimizer", "learningRate"])).toHaveLength(2);
  expect(viewsAt(root, ["optimizer", "momentum"])).toHaveLength(1);
  expect(viewsAt(root, ["optimizer", "nothing"])).toEqual([]);
  expect(viewsAt(root, ["seeds", "any"])[0]?.isWhole).toBe(true);
  expect(viewsAt(root, ["augment", 3, "size"])).toHaveLength(1);
  expect(viewsAt(root, ["augment", "size"])).toEqual([]);
  expect(viewsAt(root, ["seeds", 0])).toEqual([]);
});

test("a schema that contains itself is entered as far as it is asked", () => {
  interface Node {
    next?: Node | undefined;
  }
  const node: z.ZodType<Node, Node> = z.strictObject({
    get next() {
      return node.optional();
    },
  });
  const view = createSchemaView(node);
  expect(viewsAt(view, ["next", "next", "next"])).toHaveLength(1);
  expect(suggestPath(view, ["nxt"])).toBe("next");
});

test("tuples, open objects and free JSON say what may stand where", () => {
  const tuple = createSchemaView(z.tuple([z.string(), z.int()], z.boolean()));
  expect([0, 1, 2].map((index) => childViews(tuple, index)[0]?.scalars)).toEqual([
    ["string"],
    ["number"],
    ["boolean"],
  ]);
  const open = createSchemaView(z.object({ a: z.int() }).catchall(z.string()));
  expect(childViews(open, "other")[0]?.scalars).toEqual(["string"]);
  expect(childViews(createSchemaView(z.unknown()), "x")).toHaveLength(1);
  expect(childViews(createSchemaView(z.strictObject({})), "x")).toEqual([]);
});

test("what a field expects is said in words", () => {
  const words = (schema: z.ZodType): string => describeSchema(createSchemaView(schema));
  expect(words(z.union([z.string(), z.int(), z.array(z.int())]))).toBe(
    "a text, a whole number or a list",
  );
  expect(words(z.enum(["a", "b"]).nullable())).toBe('one of "a", "b" or null');
  expect(words(z.unknown())).toBe("JSON data");
  expect(words(z.boolean())).toBe("true or false");
  expect(describeSchema(undefined)).toBe("another value");
});

test("the nearest path is a neighbour, then the same key anywhere, then whatever is spelt alike", () => {
  expect(suggestPath(root, ["training", "batchsize"])).toBe("training.batchSize");
  expect(suggestPath(root, ["optimzer", "learningRate"])).toBe("optimizer.learningRate");
  expect(suggestPath(root, ["momentum"])).toBe("optimizer.momentum");
  expect(suggestPath(root, ["lrr"], ["lr"])).toBe("lr");
  expect(suggestPath(root, ["qqqq"])).toBeUndefined();
  expect(keysOf(createSchemaView(z.string()))).toEqual([]);
});

test("a value of the command line becomes a text only where nothing else fits", () => {
  const typed = (schema: z.ZodType, value: unknown, text = String(value)): unknown =>
    typeValue(value, [createSchemaView(schema)], text);
  expect(typed(z.string(), 1000, "1e3")).toBe("1e3");
  expect(typed(z.int(), 7)).toBe(7);
  expect(typed(z.int(), true)).toBe(true);
  expect(typed(z.string().nullable(), null)).toBeNull();
  expect(typed(z.enum(["1", "2"]), 1)).toBe("1");
  expect(typed(z.array(z.string()), [1, "a"])).toEqual(["1", "a"]);
  expect(typed(z.json(), 7)).toBe(7);
  const union = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("a"), x: z.string() }),
    z.strictObject({ kind: z.literal("b"), x: z.int() }),
  ]);
  expect(typed(union, { kind: "a", x: 1 })).toEqual({ kind: "a", x: "1" });
  expect(typed(union, { kind: "b", x: 1 })).toEqual({ kind: "b", x: 1 });
});
