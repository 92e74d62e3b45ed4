import { expect, test } from "vitest";
import { derived } from "../../../src/config/deferred.ts";
import { base, configOf, problemsOf, resolveWith, smallTask } from "./support/small-task.ts";

const { extend } = smallTask;

test("a reference is the resolved value of its path, with its type", () => {
  const config = configOf(base, ["training.batchSize=${training.numSteps}", "training.numSteps=7"]);
  expect(config.training).toMatchObject({ batchSize: 7, numSteps: 7 });
  expect(configOf(base, ["seeds={a:${seed},b:${seeds.a}}", "seed=3"]).seeds).toEqual({
    a: 3,
    b: 3,
  });
  expect(configOf(base, ["hiddenSizes=[${seed},${hiddenSizes[0]}]", "seed=4"]).hiddenSizes).toEqual(
    [4, 4],
  );
  expect(configOf(base, ["training.numSteps=${lr}", "lr=5"]).training.numSteps).toBe(5); // an alias
  expect(configOf(base, ["hiddenSizes+=${seed}", "seed=4"]).hiddenSizes).toEqual([32, 16, 4]);
});

test("inside a text it is joined, and a text takes any scalar", () => {
  expect(configOf(base, ["name=run-${seed}-${optimizer.kind}", "seed=3"]).name).toBe("run-3-adamw");
  expect(configOf(base, ["name=${seed}"]).name).toBe("0");
  expect(configOf(base, ["name='${hiddenSizes} ${training.maxGradNorm}'"]).name).toBe(
    "[32,16] null",
  );
});

test("relative references count from where they stand", () => {
  expect(configOf(base, ["training.batchSize=${.numSteps}"]).training.batchSize).toBe(10);
  expect(configOf(base, ["training.batchSize=${..seed}", "seed=6"]).training.batchSize).toBe(6);
  expect(configOf(base, ["training={batchSize:${.numSteps}}"]).training.batchSize).toBe(10);
  expect(configOf(base, ["hiddenSizes+=${..seed}", "seed=6"]).hiddenSizes).toEqual([32, 16, 6]);
});

test("a reference sees axes, overrides and derived values", () => {
  const stepped = extend(base, { training: { numSteps: derived((c) => c.seed * 10) } });
  const { runs } = resolveWith(stepped, ["training.batchSize=${training.numSteps}", "seed=1,2"]);
  expect(runs.map(({ config }) => config["training"])).toMatchObject([
    { batchSize: 10, numSteps: 10 },
    { batchSize: 20, numSteps: 20 },
  ]);
  const swept = resolveWith(base, ["training.batchSize=${training.numSteps},3"]);
  expect(swept.runs.map(({ axisValues }) => axisValues)).toEqual([
    { "training.batchSize": "${training.numSteps}" },
    { "training.batchSize": 3 },
  ]);
});

test.each([
  ["seed=${sede}", "seed: refers to sede in ${sede}, which is no path of the config → seed"],
  [
    "seed=${.numSteps}",
    "seed: refers to numSteps in ${.numSteps}, which is no path of the config → training.numSteps",
  ],
  [
    "seed=${....x}",
    "seed: refers to x in ${....x}, which counts from above the root; . leads to the root from here",
  ],
  ["name=${seeds.toString}", "name: refers to seeds.toString, which is not set"],
  [
    "name=${seed.length}",
    "name: refers to seed.length in ${seed.length}, which is no path of the config",
  ],
  [
    "name=${optimizer.momentum}",
    "name: refers to optimizer.momentum, which a config of this kind does not have",
  ],
  ["name=${data.path}", "name: refers to data.path, which is not set"],
])("%s is refused", (override, problem) => {
  expect(problemsOf(base, [override])).toEqual([problem]);
});

test("a circle of references is named", () => {
  expect(problemsOf(base, ["seed=${training.batchSize}", "training.batchSize=${seed}"])).toEqual([
    "seed: is derived from itself: seed → training.batchSize → seed",
  ]);
  expect(problemsOf(base, ["seed=${seed}"])).toEqual(["seed: is derived from itself: seed → seed"]);
});

test("a reference by a short name with two meanings lists them", () => {
  const twice = extend(base, smallTask.alias("lr", "training.batchSize"));
  expect(problemsOf(twice, ["name=${lr}"])).toEqual([
    expect.stringMatching(
      /^name: refers to lr in \$\{lr\}, which is ambiguous: it stands for optimizer\.learningRate \(task small\) and for training\.batchSize \(\.\.\/references\.test\.ts:\d+:\d+\); write the one/,
    ),
  ]);
});
