/** The task as users write it: its types, its checks when it is given more kinds, and a run with a user's own. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { definitionData, taskData } from "../../../src/config/definition.ts";
import { defineModel } from "../../../src/model/model.ts";
import { training } from "../../../src/train/task.ts";
import { points, pointsInput, resolved, resultOf, runToy } from "./toy.ts";
import { powers, signs } from "./user-kinds.ts";

const members = { models: [powers], dataSources: [points], optimizers: [signs] } as const;
const userTask = training.with(members);
const { defineConfig, extend } = userTask;

const linear = defineConfig({
  data: { kind: "points" },
  model: { kind: "powers", degree: 1 },
  optimizer: { kind: "signs", learningRate: 0.1 },
  training: { numEpochs: 3, batchSize: 8 },
});

test("the training task is called training, and lr is short for its learning rate", () => {
  expect(taskData(training)).toMatchObject({
    name: "training",
    version: 1,
    aliases: { lr: "optimizer.learningRate" },
  });
});

test("the code identity of the task starts at the training loop, that of a wider one also at its caller", () => {
  const code = taskData(training)?.code ?? [];
  expect(code).toHaveLength(1);
  expect(code[0]).toMatch(/src[/\\]train[/\\]run-training\.ts$/);
  expect(existsSync(code[0] ?? "")).toBe(true);
  expect(taskData(userTask)?.code).toEqual([code[0], fileURLToPath(import.meta.url)]);
  const wider = userTask.with({});
  expect(taskData(wider)?.code).toEqual([code[0], fileURLToPath(import.meta.url)]);
});

test("a user's model, data source and optimizer run like built-in ones", async () => {
  const config = {
    ...pointsInput,
    model: { kind: "powers", degree: 1 },
    optimizer: { kind: "signs", learningRate: 0.1 },
    training: { numEpochs: 8, batchSize: 8 },
  };
  const run = await runToy(config, { members });
  const { metrics, step } = resultOf(run);
  expect(step).toBe(40);
  expect(metrics["validation.accuracy"]).toBeGreaterThan(0.85);
});

test("the types of a user's kinds are those of its schema, and the built-in kinds stay", () => {
  const wider = extend(
    linear,
    { model: { degree: 2 } },
    { optimizer: { kind: "sgd", learningRate: 0.1 } },
  );
  expect(definitionData(wider)?.layers).toHaveLength(3);

  // @ts-expect-error degree is a number
  extend(linear, { model: { kind: "powers", degree: "high" } });
  // @ts-expect-error a model of kind powers needs its degree
  extend(linear, { model: { kind: "powers" } });
  // @ts-expect-error degre is not a key of any model
  extend(linear, { model: { degre: 2 } });
  // @ts-expect-error there is no kind cubes
  extend(linear, { model: { kind: "cubes" } });
  // @ts-expect-error hiddenSizes belongs to another kind
  extend(linear, { model: { kind: "powers", degree: 1, hiddenSizes: [] } });
  // @ts-expect-error numExamples is a number
  extend(linear, { data: { kind: "points", numExamples: "many" } });
  // @ts-expect-error the built-in task does not know the kind points
  training.extend(training.defineConfig(baseline), { data: { kind: "points" } });
  // @ts-expect-error numStep is not a key
  training.defineConfig({ ...baseline, training: { numStep: 1, batchSize: 1 } });
});

const baseline = {
  data: { kind: "mnist" },
  model: { kind: "mlp", hiddenSizes: [8] },
  optimizer: { kind: "sgd", learningRate: 0.1 },
  training: { numSteps: 1, batchSize: 8 },
} as const;

test("defaults of a user's schema are filled in", () => {
  const input = {
    ...pointsInput,
    model: { kind: "powers", degree: 2 },
    optimizer: { kind: "signs", learningRate: 1 },
  };
  expect(resolved(input, userTask)).toMatchObject({
    model: { kind: "powers", degree: 2, startAt: 0 },
    data: { kind: "points", numExamples: 64 },
  });
  expect(() => resolved({ ...input, model: { kind: "powers", degree: 9 } }, userTask)).toThrow(
    /degree/,
  );
  expect(() => resolved(input, training)).toThrow(/mlp/);
});

test("kinds can be added in several turns", () => {
  const task = training.with({ models: [powers] }).with({ dataSources: [points] });
  const definition = task.defineConfig({
    data: { kind: "points" },
    model: { kind: "powers", degree: 1 },
    optimizer: { kind: "sgd", learningRate: 0.1 },
    training: { numSteps: 1, batchSize: 8 },
  });
  expect(definitionData(definition)?.task.name).toBe("training");
});

const place = String.raw`task\.test\.ts:\d+:\d+: `;

test("a kind that is taken is refused, with the place", () => {
  const schema = z.strictObject({ kind: z.literal("bert") });
  const kind = defineModel({
    kind: "bert",
    schema,
    build: () => {
      throw new Error("never built");
    },
  });
  expect(() => training.with({ models: [kind] })).toThrow(
    new RegExp(`${place}model\\.kind "bert" is taken\\.$`),
  );
  expect(() => userTask.with({ models: [powers] })).toThrow(/model\.kind "powers" is taken/);
  expect(() => training.with({ optimizers: [signs, signs] })).toThrow(
    /optimizer\.kind "signs" is taken/,
  );
});

test("a schema that does not say its kind is refused", () => {
  const wrong = defineModel({ ...powers, kind: "other" });
  expect(() => training.with({ models: [wrong] })).toThrow(
    new RegExp(`${place}the schema of model\\.kind "other" does not say that kind\\.$`),
  );
  const none = defineModel({ ...powers, schema: z.strictObject({ degree: z.int() }) });
  expect(() => training.with({ models: [none] })).toThrow(/does not say that kind/);
});
