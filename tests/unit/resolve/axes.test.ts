import { expect, test } from "vitest";
import { choice, range } from "../../../src/config/axes.ts";
import { append, replace } from "../../../src/config/changes.ts";
import { base, problemsOf, resolveWith, smallTask, untyped } from "./support/small-task.ts";

const { extend } = smallTask;

function pointsOf(definition: object, overrides: readonly string[] = []): string[] {
  return resolveWith(definition, overrides).runs.map(({ axisValues }) =>
    Object.entries(axisValues)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(" "),
  );
}

test("axes make the Cartesian product, the last varying fastest", () => {
  const grid = extend(base, { optimizer: { learningRate: choice(0.1, 0.2) }, seed: range(1, 3) });
  expect(pointsOf(grid)).toEqual([
    "optimizer.learningRate=0.1 seed=1",
    "optimizer.learningRate=0.1 seed=2",
    "optimizer.learningRate=0.2 seed=1",
    "optimizer.learningRate=0.2 seed=2",
  ]);
});

test("axes stand in the order in which their paths first appear, whatever stood there", () => {
  const child = extend(
    base,
    { seed: range(1, 3) },
    { optimizer: { learningRate: choice(0.1, 0.2) } },
  );
  expect(resolveWith(child).axes).toEqual(["optimizer.learningRate", "seed"]);
});

test("an axis of objects leaves the axes alone that none of its values overwrites", () => {
  const grid = extend(base, { optimizer: { learningRate: choice(0.1, 0.2) } });
  const points = pointsOf(grid, ["optimizer={weightDecay:0.5},{weightDecay:0.6}"]);
  expect(points).toHaveLength(4);
  expect(pointsOf(grid, ["optimizer={learningRate:1},{learningRate:2}"])).toHaveLength(2);
});

test("a later value replaces an axis", () => {
  const grid = extend(base, { seed: range(1, 4) });
  expect(resolveWith(extend(grid, { seed: 7 })).runs).toHaveLength(1);
  expect(pointsOf(extend(grid, { seed: choice(8, 9) }))).toEqual(["seed=8", "seed=9"]);
  expect(resolveWith(grid, ["seed=7"]).axes).toEqual([]);
});

test("an axis of the command line takes the place of an axis, and follows the others elsewhere", () => {
  const grid = extend(base, { optimizer: { learningRate: choice(0.1, 0.2) }, seed: range(1, 3) });
  const given = ["training.batchSize=1,2", "optimizer.learningRate=0.5,0.6"];
  expect(resolveWith(grid, given).axes).toEqual([
    "optimizer.learningRate",
    "seed",
    "training.batchSize",
  ]);
});

test("an axis of whole objects takes later changes into each of its values", () => {
  const kinds = extend(base, {
    optimizer: choice({ kind: "adamw", learningRate: 0.1 }, { kind: "sgd", learningRate: 0.2 }),
  });
  const rates = resolveWith(extend(kinds, { optimizer: { learningRate: 0.3 } }));
  expect(rates.runs.map(({ config }) => config["optimizer"])).toEqual([
    { kind: "adamw", learningRate: 0.3, beta1: 0.9, weightDecay: 0.01 },
    { kind: "sgd", learningRate: 0.3, momentum: 0 },
  ]);
});

test("kind itself can be an axis on the command line", () => {
  const given = ["optimizer.learningRate=0.5", "optimizer.kind=adamw,sgd"];
  const { runs } = resolveWith(base, given);
  expect(runs.map(({ config }) => config["optimizer"])).toMatchObject([
    { kind: "adamw", learningRate: 0.5 },
    { kind: "sgd", learningRate: 0.5 },
  ]);
});

test("axes stand inside of items and of replaced objects", () => {
  const items = extend(base, {
    augment: append({ kind: "flip", probability: choice(0.1, 0.2) }),
    training: replace({ numSteps: choice(1, 2) }),
  });
  expect(resolveWith(items).axes).toEqual(["training.numSteps", "augment[0].probability"]);
});

test("an axis whose union changes its kind is gone", () => {
  const grid = extend(base, { optimizer: { beta1: choice(0.8, 0.9) } });
  const other = extend(grid, { optimizer: { kind: "sgd", learningRate: 1 } });
  expect(resolveWith(other).axes).toEqual([]);
});

test("runs that ask for the same are merged, with a note", () => {
  const grid = extend(base, { seed: choice(1, 1, 2), name: choice("a", "b") });
  const { runs, notes } = resolveWith(grid);
  expect(runs.map(({ axisValues }) => axisValues)).toEqual([
    { seed: 1, name: "a" },
    { seed: 2, name: "a" },
  ]);
  expect(notes).toEqual([
    '4 of 6 runs ask for the same as an earlier one and are left out (seed=1, name="b"; seed=1, name="a"; seed=1, name="b"; …).',
  ]);
});

test("runs over places or ways to run are not merged: what tells them apart is not known yet", () => {
  const grid = extend(base, {
    data: { path: choice("a", "b", "./a") },
    logging: { interval: choice(1, 2) },
  });
  const { runs, notes } = resolveWith(grid);
  expect(runs.map(({ config }) => [config["data"], config["logging"]])).toEqual([
    [{ path: "../a" }, { interval: 1 }],
    [{ path: "../a" }, { interval: 2 }],
    [{ path: "../b" }, { interval: 1 }],
    [{ path: "../b" }, { interval: 2 }],
  ]);
  expect(new Set(runs.map(({ configHash }) => configHash)).size).toBe(1);
  expect(notes).toEqual([
    '2 of 6 runs ask for the same as an earlier one and are left out (data.path="./a", logging.interval=1; data.path="./a", logging.interval=2).',
  ]);
});

test("a grid beyond a million runs is refused before anything is built", () => {
  const grid = extend(base, { seed: range(0, 2000), training: { batchSize: range(1, 1000) } });
  expect(() => resolveWith(grid)).toThrow(
    "The sweep has 1998000 runs (seed: 2000, training.batchSize: 999); at most 1000000 are allowed.",
  );
});

test("the plan is the same on every call, and a new axis value changes no other run", () => {
  const hashes = (values: number[]): string[] =>
    resolveWith(extend(base, { seed: choice(...values) })).runs.map(({ configHash }) => configHash);
  const [first, second] = hashes([1, 2]);
  expect(hashes([1, 2])).toEqual([first, second]);
  expect(hashes([1, 3, 2])).toEqual([first, expect.any(String), second]);
});

test("a problem of some runs names the first of them", () => {
  const grid = extend(base, { seed: choice(1, 2), training: { batchSize: choice(0, 4) } });
  expect(problemsOf(grid)).toEqual([
    "training.batchSize: must be at least 1 (in 2 of 4 runs, first seed=1, training.batchSize=0) (found 0)",
  ]);
});

test("an axis cannot hide inside a value that is typed away", () => {
  expect(() => untyped({ hiddenSizes: choice(choice(1) as never) })).toThrow(
    "choice() cannot stand inside choice()",
  );
});
