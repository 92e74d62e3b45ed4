import { expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../src/config/define-task.ts";
import { base, problemsOf, smallTask, untyped } from "./support/small-task.ts";

function problemsOfField(schema: z.ZodType, value: unknown): string[] {
  const task = defineTask({
    name: "one",
    schema: z.strictObject({ x: schema }) as never,
    run: async function* run() {},
  });
  return problemsOf(task.defineConfig(untyped(value === undefined ? {} : { x: value })));
}

test.each<[string, z.ZodType, unknown, string]>([
  ["a missing value", z.number(), undefined, "x: is required: a number"],
  ["a wrong type", z.number().nullable(), "a", 'x: must be a number or null (found "a")'],
  ["a fraction", z.int(), 1.5, "x: must be a whole number (found 1.5)"],
  ["a text", z.string(), false, "x: must be a text (found false)"],
  ["too small", z.number().min(2), 1, "x: must be at least 2 (found 1)"],
  ["not above", z.number().gt(0), 0, "x: must be more than 0 (found 0)"],
  ["too large", z.number().max(2), 3, "x: must be at most 2 (found 3)"],
  ["not below", z.number().lt(1), 1, "x: must be less than 1 (found 1)"],
  ["too short", z.string().min(1), "", 'x: must have at least 1 character (found "")'],
  ["too few", z.array(z.int()).min(2), [1], "x: must have at least 2 items (found [1])"],
  ["a step", z.number().multipleOf(0.5), 0.7, "x: must be a multiple of 0.5 (found 0.7)"],
  [
    "a choice",
    z.enum(["gelu", "relu"]),
    "gleu",
    'x: must be one of "gelu", "relu" (found "gleu") → "gelu"',
  ],
  ["one value", z.literal("train"), "trian", 'x: must be "train" (found "trian") → "train"'],
  ["a pattern", z.string().regex(/^v\./), "a", 'x: must match /^v\\./ (found "a")'],
  ["own words", z.string().regex(/^v\./, "a metric"), "a", 'x: must be a metric (found "a")'],
  ["a format", z.iso.date(), "today", 'x: must be a valid date (found "today")'],
  [
    "several types",
    z.union([z.string(), z.int()]),
    true,
    "x: must be a text or a whole number (found true)",
  ],
  [
    "inside of one type",
    z.union([z.string(), z.array(z.int())]),
    [0.5],
    "x[0]: must be a whole number (found 0.5)",
  ],
  [
    "a key",
    z.record(z.string().regex(/^[a-z]+$/), z.int()),
    { A: 1 },
    "x.A: has a key that is not allowed: must match /^[a-z]+$/ (found 1)",
  ],
  ["a list", z.array(z.int()), {}, "x: must be a list (found {})"],
  ["an object", z.strictObject({ a: z.int() }), [], "x: must be an object (found [])"],
  [
    "a refinement",
    z.int().refine((x) => x !== 3, "must not be three"),
    3,
    "x: must not be three (found 3)",
  ],
])("%s is said in plain words", (...[, schema, value, message]) => {
  expect(problemsOfField(schema, value)).toEqual([message]);
});

test("a kind that no member has names the nearest", () => {
  const wrong = { optimizer: { kind: "adam", learningRate: 1 } };
  expect(problemsOf(smallTask.extend(base, untyped(wrong)))).toEqual([
    'optimizer.kind: must be one of "adamw", "sgd" (found "adam") → "adamw"',
  ]);
});

test("a missing union and a missing kind are told apart", () => {
  const { defineConfig } = smallTask;
  const training = { numSteps: 1 };
  expect(problemsOf(defineConfig(untyped({ training })))).toEqual([
    'optimizer: is required: an object with kind "adamw" or "sgd"',
  ]);
  expect(problemsOf(defineConfig(untyped({ training, optimizer: { learningRate: 1 } })))).toEqual([
    'optimizer.kind: is required: one of "adamw", "sgd"',
  ]);
});

test("unknown keys are found at every depth, with the nearest name or its place elsewhere", () => {
  const wrong = {
    sede: 1,
    training: { batchsize: 3 },
    interval: 2,
    augment: [{ kind: "crop", size: 3, paddin: 1 }],
  };
  expect(problemsOf(smallTask.extend(base, untyped(wrong)))).toEqual([
    "training.batchsize: is not a known field (found 3) → training.batchSize",
    'augment[0].paddin: is not a field of kind "crop", which has kind, size (found 1)',
    "sede: is not a known field (found 1) → seed",
    "interval: is not a known field (found 2) → logging.interval",
  ]);
});

test("everything that is wrong is said at once", () => {
  const wrong = { seed: -1, optimizer: { learningRate: "fast", momentum: 0.9 }, mode: "trian" };
  expect(problemsOf(smallTask.extend(base, untyped(wrong)), ["hiddenSize=[1]"])).toHaveLength(5);
});
