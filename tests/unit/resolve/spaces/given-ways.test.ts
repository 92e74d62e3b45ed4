/** The command line is one step in time, whether or not combinators stand on it. */
import { expect, test } from "vitest";
import { configsOf, linesOf } from "../support/runs.ts";
import {
  base,
  groupsOf,
  problemsOf,
  resolveWith,
  smallTask,
  start,
} from "../support/small-task.ts";

const { extend, when, variants, presets, profiles, defineConfig } = smallTask;

const optimizers = presets("optimizer", {
  plain: { kind: "sgd", learningRate: 3 },
  fast: { kind: "adamw", learningRate: 4 },
});
const environments = profiles("environment", {
  dev: { training: { batchSize: 2 }, seed: 1 },
  prod: { training: { batchSize: 64 }, seed: 2 },
});
const groups = groupsOf(optimizers, environments);
const large = when((c) => c.training.batchSize > 8, { hiddenSizes: [7] });
const asked = extend(base, large);

function configs(overrides: readonly string[], definition: object = base): unknown[] {
  const { runs, problems } = resolveWith(definition, overrides, groups);
  expect(problems).toEqual([]);
  return runs.map(({ config }) => config);
}

test.each([
  ["product(training.batchSize=[2,64])"],
  ["concat(training.batchSize=2, training.batchSize=64)"],
  ["zip(training.batchSize=[2,64], mode=[train,train])"],
  ["variants(a={training:{batchSize:2}}, b={training:{batchSize:64}})"],
  ["variants(a={training.batchSize:[2]}, b={training.batchSize:[64]})"],
  ["zip(environment=[dev,prod], seed=[0,0])"],
])("a condition of a module sees what %s sets", (argument) => {
  const own = ["training.batchSize=2", "training.batchSize=64"];
  expect(configs([argument], asked)).toEqual(own.flatMap((one) => configs([one], asked)));
});

test("a condition of a module sees profiles, one and several", () => {
  const each = [...configs(["environment=dev"], asked), ...configs(["environment=prod"], asked)];
  expect(each).toMatchObject([{ hiddenSizes: [32, 16] }, { hiddenSizes: [7] }]);
  expect(configs(["environment=dev,prod"], asked)).toEqual(each);
  expect(configs(["product(environment=[dev,prod])"], asked)).toEqual(each);
});

test("a condition of a module sees what a condition of the command line sets, wherever that stands", () => {
  const given = "when(mode==evaluate, training.batchSize=64)";
  expect(configs([given, "mode=evaluate"], asked)).toMatchObject([{ hiddenSizes: [7] }]);
  expect(configs(["mode=evaluate", given], asked)).toMatchObject([{ hiddenSizes: [7] }]);
  expect(configs([given, "mode=train"], asked)).toMatchObject([{ hiddenSizes: [32, 16] }]);
  expect(configs([given, "mode=train,evaluate"], asked)).toMatchObject([
    { mode: "train", hiddenSizes: [32, 16] },
    { mode: "evaluate", hiddenSizes: [7] },
  ]);
});

test("a condition of the command line sees all its arguments", () => {
  const given = "when(seed>1, lr=5)";
  const rates = ["repeat([1,2])", "seed=1,2", "concat(seed=1, seed=2)"].map((one) => [
    configsOf(base, [given, one]),
    configsOf(base, [one, given]),
  ]);
  const expected = [...configsOf(base, ["seed=1"]), ...configsOf(base, ["seed=2", "lr=5"])];
  expect(rates.flat()).toEqual(rates.flat().map(() => expected));
});

test("only the alternatives that an answer hangs on are told apart, and the order stays", () => {
  const sizes = extend(base, variants("size", { a: {}, b: { mode: "evaluate" } }), large);
  expect(linesOf(sizes, ["concat(training.batchSize=64, training.batchSize=2)"])).toEqual([
    "size=a training.batchSize=64",
    "size=a training.batchSize=2",
    "size=b training.batchSize=64",
    "size=b training.batchSize=2",
  ]);
});

test.each([
  ["lr=1 repeat(2) optimizer=fast"],
  ["optimizer=fast lr=1 repeat(2)"],
  ["lr=1 optimizer=fast repeat(2)"],
  ["repeat(2) lr=1 product(optimizer=[fast])"],
  ["concat(lr=1) optimizer=fast repeat(2)"],
  ["zip(optimizer=[fast]) lr=1 repeat(2)"],
])("a plain override holds over a preset, wherever they stand: %s", (text) => {
  const found = configs(text.split(" "));
  expect(found).toHaveLength(2);
  for (const one of found)
    expect(one).toMatchObject({ optimizer: { kind: "adamw", learningRate: 1 } });
});

test("a zip of presets and values runs what its table shows", () => {
  const { runs } = resolveWith(base, ["zip(lr=[1,2], optimizer=[fast,plain])"], groups);
  expect(runs.map(({ axisValues, config }) => [axisValues, config["optimizer"]])).toMatchObject([
    [
      { "optimizer.learningRate": 1, optimizer: "fast" },
      { kind: "adamw", learningRate: 1 },
    ],
    [
      { "optimizer.learningRate": 2, optimizer: "plain" },
      { kind: "sgd", learningRate: 2 },
    ],
  ]);
});

test("a list is an axis in every combinator, over presets and profiles too; one inside of it is several in order", () => {
  const each = [...configs(["optimizer=fast"]), ...configs(["optimizer=plain"])];
  expect(configs(["product(optimizer=[fast,plain])"])).toEqual(each);
  expect(configs(["concat(optimizer=[fast,plain])"])).toEqual(each);
  expect(configs(["zip(optimizer=[fast,plain])"])).toEqual(each);
  expect(configs(["variants(a={optimizer:[fast,plain]})"])).toEqual(each);
  expect(configs(["product(optimizer=[[plain,fast]])"])).toEqual(
    configs(["optimizer=[plain,fast]"]),
  );
  const modes = resolveWith(base, ["zip(environment=[dev,prod,[dev,prod]], seed=[1,2,3])"], groups);
  expect(
    modes.runs.map(({ axisValues, config }) => [axisValues, config["training"]]),
  ).toMatchObject([
    [{ environment: "dev", seed: 1 }, { batchSize: 2 }],
    [{ environment: "prod", seed: 2 }, { batchSize: 64 }],
    [{ environment: ["dev", "prod"], seed: 3 }, { batchSize: 64 }],
  ]);
});

const twice = (first: string, second: string): string =>
  `optimizer.learningRate: is set twice on the command line, by ${first} and by ${second}`;

test.each([
  [["lr=1", "repeat(2)", "optimizer.learningRate=2"], twice("lr=1", "optimizer.learningRate=2")],
  [["product(lr=1, optimizer.learningRate=2)"], twice("lr=1", "optimizer.learningRate=2")],
  [["concat(lr=1, seed=2)", "optimizer.learningRate=2"], twice("lr=1", "optimizer.learningRate=2")],
  [
    ["zip(training.numSteps=[1,2], training.numEpochs=[1,2])"],
    "training.numEpochs: cannot be set together with training.numSteps",
  ],
  [
    ["when(seed>0, training.numSteps=1)", "training.numEpochs=1"],
    "training.numEpochs: cannot be set together with training.numSteps",
  ],
])("what contradicts itself is refused across combinators: %s", (overrides, problem) => {
  expect(problemsOf(base, overrides)).toEqual([problem]);
});

test("what no run has both of contradicts nothing", () => {
  expect(problemsOf(base, ["concat(lr=1, optimizer.learningRate=2)"])).toEqual([]);
  expect(problemsOf(base, ["variants(a={lr:1}, b={optimizer.learningRate:2})"])).toEqual([]);
  expect(problemsOf(base, ["concat(training.numSteps=1, training.numEpochs=1)"])).toEqual([]);
});

test("an override without effect is noted, whoever takes its place", () => {
  const notes = (...overrides: readonly string[]): readonly string[] =>
    resolveWith(base, overrides).notes;
  const seed = "seed is given twice on the command line;";
  expect(notes("seed=7", "repeat(2)")).toEqual([`${seed} repeat(2) holds.`]);
  expect(notes("repeat(2)", "seed=7")).toEqual([`${seed} seed=7 holds.`]);
  expect(notes("zip(seed=[1,2], lr=[1,2])", "seed=7")).toEqual([`${seed} seed=7 holds.`]);
  expect(notes("seed=7", "variants(a={seed:1}, b={})")).toEqual([]);
});

test("many arguments take no longer each than few", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `seeds.s${index % 5000}=${index}`);
  const { runs, notes } = resolveWith(defineConfig(start), many);
  expect(Object.keys(runs[0]?.config["seeds"] ?? {})).toHaveLength(5000);
  expect(notes).toHaveLength(5000);
});

test("alternatives that multiply are refused before they are made", () => {
  const arguments_ = Array.from({ length: 40 }, (_, index) => `concat(seed=${index}, mode=train)`);
  expect(() => resolveWith(base, arguments_)).toThrow("at most 1000000 are allowed");
});
