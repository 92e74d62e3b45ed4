import { expect, test } from "vitest";
import { z } from "zod";
import { createTask } from "../../../src/config/create-task.ts";
import { base, configOf, resolveWith, smallTask } from "./support/small-task.ts";

test("a resolved config is frozen at every depth", () => {
  const config = configOf(base);
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.training)).toBe(true);
  expect(Object.isFrozen(config.hiddenSizes)).toBe(true);
});

test("two runs share no object that one of them could be told apart by", () => {
  const [first, second] = [configOf(base), configOf(base)];
  expect(first).toEqual(second);
  expect(first.hiddenSizes).not.toBe(second.hiddenSizes);
});

test("a schema that changes values is refused, whoever made the task", () => {
  const call = { file: import.meta.filename, line: 1, column: 1 };
  const schema = z.strictObject({ x: z.string().overwrite((text) => text.trim()) });
  const task = createTask<{ x: string }, { x: string }>({
    name: "trim",
    version: 1,
    schema,
    run: async function* run() {},
    rules: {},
    aliases: {},
    deprecated: {},
    code: [],
    call,
  });
  expect(configOf(task.defineConfig({ x: "a" }))).toEqual({ x: "a" });
  expect(() => resolveWith(task.defineConfig({ x: " a" }))).toThrow(
    "The schema of the task changes the values that it checks.",
  );
});

test("keys stand in the order of the schema, however they were written", () => {
  const { defineConfig } = smallTask;
  const training = { numSteps: 10 };
  const optimizer = { learningRate: 0.001, kind: "adamw" } as const;
  const swapped = configOf(defineConfig({ training, optimizer }));
  expect(JSON.stringify(swapped)).toBe(JSON.stringify(configOf(base)));
});
