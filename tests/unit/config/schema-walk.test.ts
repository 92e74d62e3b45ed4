import { expect, test } from "vitest";
import { z } from "zod";
import { schemaHasPath, schemaPaths } from "../../../src/config/schema-walk.ts";
import { sumSchema } from "./sum-task.ts";

test.each([
  [["seed"], true],
  [["model"], true],
  [["model", "kind"], true],
  [["model", "width"], true],
  [["model", "layers", 0, "size"], true],
  [["model", "layers", "size"], false],
  [["model", "layers", 0, "sise"], false],
  [["weights", 0], false],
  [["training", "note"], true],
  [["weights", "ham"], true],
  [[], true],
  [["sede"], false],
  [["model", "size"], false],
  [["seed", "x"], false],
  [["training", "note", "x"], false],
  [["toString"], false],
])("the schema knows %j: %s", (path, isKnown) => {
  expect(schemaHasPath(sumSchema, path)).toBe(isKnown);
});

interface Tree {
  left?: Tree | undefined;
  right?: Tree | undefined;
}
const tree: z.ZodType<Tree, Tree> = z.lazy(() =>
  z.strictObject({ left: tree.optional(), right: tree.optional() }),
);

test("a schema that holds itself is walked as deep as the path goes", () => {
  const schema = z.strictObject({ tree });
  expect(
    schemaHasPath(schema, [
      "tree",
      ..."lrlrlrlr".replaceAll("l", "left,").replaceAll("r", "right,").split(",").filter(Boolean),
    ]),
  ).toBe(true);
  expect(schemaHasPath(schema, ["tree", "left", "middle"])).toBe(false);
  const itself: z.ZodType = z.lazy(() => z.union([itself, z.int()]));
  expect(schemaHasPath(itself, ["a"])).toBe(false);
  expect(schemaPaths(schema).length).toBe(2 ** 6 - 1);
});

test("nothing is refused below what may be anything", () => {
  expect(schemaHasPath(z.strictObject({ a: z.json(), b: z.any() }), ["b", "c", 1])).toBe(true);
});

test("paths for suggestions are those that can be written down", () => {
  expect(schemaPaths(sumSchema)).toEqual([
    "seed",
    "model",
    "model.kind",
    "model.width",
    "model.layers",
    "training",
    "training.numSteps",
    "training.note",
    "weights",
  ]);
});
