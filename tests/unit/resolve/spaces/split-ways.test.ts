import { expect, test } from "vitest";
import { choice } from "../../../../src/config/axes.ts";
import { append } from "../../../../src/config/changes.ts";
import { derived } from "../../../../src/config/deferred.ts";
import { base, resolveWith, smallTask, type SmallConfig } from "../support/small-task.ts";

const { extend, fragment, when } = smallTask;

/** Two values each: eight points. */
const three = fragment({
  seed: choice(1, 2),
  training: { batchSize: choice(8, 16) },
  hiddenSizes: choice([1], [1, 2]),
});

test("a condition is asked along the axes that it reads, and along those that another answer leads to", () => {
  const asked: number[] = [];
  const one = extend(
    base,
    three,
    when((c) => asked.push(c.seed) > 0 && c.seed === 2, { column: 1 }),
  );
  expect(resolveWith(one).runs).toHaveLength(8);
  expect(asked).toEqual([1, 2]);
  let numAsked = 0;
  const two = extend(
    base,
    three,
    when((c) => ++numAsked > 0 && c.seed === 2 && c.training.batchSize === 16, { column: 1 }),
  );
  const { runs } = resolveWith(two);
  expect(runs.map(({ config }) => config["column"])).toEqual([
    ...Array.from({ length: 6 }, () => undefined),
    1,
    1,
  ]);
  expect(numAsked).toBe(4);
});

/** In which runs a condition put its change, beside those in which it holds for the run's own config. */
function answers(
  change: Parameters<typeof extend>[1],
  condition: (c: SmallConfig) => boolean,
): readonly (readonly [boolean, boolean])[] {
  const { runs, problems } = resolveWith(
    extend(base, change, when(condition, { training: { maxGradNorm: 7 } })),
  );
  expect(problems).toEqual([]);
  return runs.map(({ config }) => {
    const own = config as unknown as SmallConfig;
    return [own.training.maxGradNorm === 7, condition(own)];
  });
}

const kinds = {
  optimizer: choice({ kind: "adamw", learningRate: 1 }, { kind: "sgd", learningRate: 1 }),
} as const;
const cases: Record<string, readonly [Parameters<typeof extend>[1], (c: SmallConfig) => boolean]> =
  {
    "the keys of an object that an axis gives": [
      kinds,
      (c) => Object.keys(c.optimizer).includes("momentum"),
    ],
    "whether an object has a key": [kinds, (c) => "momentum" in c.optimizer],
    "a default that the kind brings": [
      { optimizer: { kind: "sgd", learningRate: 1 } },
      (c) => (c.optimizer as { momentum?: number }).momentum === 0,
    ],
    "the description of a key": [
      kinds,
      (c) => Object.getOwnPropertyDescriptor(c.optimizer, "momentum") !== undefined,
    ],
    "the entries of the whole config": [
      { column: choice(1, 2) },
      (c) => Object.entries(c).some(([key, value]) => key === "column" && value === 2),
    ],
    "how long a list is": [{ hiddenSizes: choice([1], [1, 2]) }, (c) => c.hiddenSizes.length > 1],
    "an item of a list, by a method": [
      { augment: append({ kind: "crop", size: choice(1, 2) }) },
      (c) => c.augment.some((one) => one.kind === "crop" && one.size === 2),
    ],
    "a value computed from an axis": [
      { seed: choice(1, 2), column: derived((c) => c.seed * 10) },
      (c) => c.column === 20,
    ],
    "a value computed from the keys of an axis": [
      { ...kinds, column: derived((c) => Object.keys(c.optimizer).join()) },
      (c) => String(c.column).includes("momentum"),
    ],
    "a place inside of another": [
      { data: { path: choice("/a", "/b"), train: "x" } },
      (c) => c.data.path?.endsWith("b") === true && c.data.train !== undefined,
    ],
    "an object as text": [
      { schedule: { warmupSteps: choice(1, 2) } },
      (c) => JSON.stringify(c.schedule).includes("2"),
    ],
    "a spread": [
      { schedule: { warmupSteps: choice(1, 2) } },
      (c) => ({ ...c.schedule }).warmupSteps === 2,
    ],
  };

test.each(Object.entries(cases))(
  "a condition is asked along what it reads: %s",
  (_name, [change, condition]) => {
    const found = answers(change, condition);
    expect(found.map(([put]) => put)).toEqual(found.map(([, holds]) => holds));
    expect(new Set(found.map(([put]) => put)).size).toBe(Math.min(2, found.length));
  },
);

test("kinds that the command line sweeps bring their defaults before the condition is asked", () => {
  const definition = extend(
    base,
    when((c) => (c.optimizer as { momentum?: number }).momentum === undefined, { seed: 5 }),
  );
  const { problems } = resolveWith(definition, [
    "optimizer.kind=adamw,sgd",
    "optimizer.learningRate=1",
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    'when(): the condition reads optimizer.momentum, which is no path of the config (in the run with optimizer.kind="adamw")',
  ]);
  const safe = extend(
    base,
    when((c) => "momentum" in c.optimizer, { seed: 5 }),
  );
  const { runs } = resolveWith(safe, ["optimizer.kind=adamw,sgd", "optimizer.learningRate=1"]);
  expect(runs.map(({ config }) => config["seed"])).toEqual([0, 5]);
});
