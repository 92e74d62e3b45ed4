import * as fc from "fast-check";
import { expect, test } from "vitest";
import { append, prepend, remove, replace } from "../../../src/config/changes.ts";
import { required } from "../../../src/config/deferred.ts";
import { choice } from "../../../src/config/axes.ts";
import {
  base,
  configOf,
  problemsOf,
  resolveWith,
  smallTask,
  start,
  untyped,
} from "./support/small-task.ts";

const { defineConfig, extend, fragment } = smallTask;

test("objects merge, lists and scalars replace", () => {
  const config = configOf(extend(base, { training: { batchSize: 4 }, hiddenSizes: [8], seed: 3 }));
  expect(config.training).toEqual({ numSteps: 10, batchSize: 4, maxGradNorm: null });
  expect(config.hiddenSizes).toEqual([8]);
  expect(config.seed).toBe(3);
});

test("another kind drops what the old member had, the same kind keeps it", () => {
  const wide = extend(base, { optimizer: { beta1: 0.8 } });
  const same = extend(wide, { optimizer: { kind: "adamw", learningRate: 0.5 } });
  expect(configOf(same).optimizer).toMatchObject({ learningRate: 0.5, beta1: 0.8 });
  const other = extend(wide, { optimizer: { kind: "sgd", learningRate: 0.5 } });
  expect(configOf(other).optimizer).toEqual({ kind: "sgd", learningRate: 0.5, momentum: 0 });
  const back = extend(other, { optimizer: { kind: "adamw", learningRate: 0.25 } });
  expect(configOf(back).optimizer).toMatchObject({ learningRate: 0.25, beta1: 0.9 });
});

test("a change without kind goes to the inherited member and may not name another's fields", () => {
  expect(problemsOf(extend(base, { optimizer: { momentum: 0.9 } }))).toEqual([
    'optimizer.momentum: is a field of kind "sgd", not of kind "adamw", which has kind, learningRate, beta1, weightDecay (found 0.9)',
  ]);
});

test("replace() takes the place of the inherited object", () => {
  const wide = extend(base, { training: { batchSize: 4 } });
  const config = configOf(extend(wide, { training: replace({ numSteps: 7 }) }));
  expect(config.training).toEqual({ numSteps: 7, batchSize: 8, maxGradNorm: null });
});

test("remove() brings the default back, or leaves the field out", () => {
  const named = extend(base, { name: "wide", training: { batchSize: 4 } });
  const config = configOf(extend(named, { name: remove(), training: { batchSize: remove() } }));
  expect(config).not.toHaveProperty("name");
  expect(config.training.batchSize).toBe(8);
  expect(problemsOf(extend(base, untyped({ optimizer: { learningRate: remove() } })))).toEqual([
    "optimizer.learningRate: is required: a number",
  ]);
});

test("append() and prepend() add to what was inherited, be it the default", () => {
  const longer = extend(base, { hiddenSizes: append(8, 4) }, { hiddenSizes: prepend(64) });
  expect(configOf(longer).hiddenSizes).toEqual([64, 32, 16, 8, 4]);
  const items = extend(base, { augment: append({ kind: "flip" }) });
  expect(configOf(items).augment).toEqual([{ kind: "flip", probability: 0.5 }]);
  expect(problemsOf(extend(base, untyped({ seed: append(1) })))).toEqual([
    "seed: cannot take append(): what stands there is 0, not a list",
  ]);
});

test("a default is the lowest layer of what is merged into it", () => {
  expect(configOf(extend(base, { logging: { interval: 5 } })).logging).toEqual({ interval: 5 });
  expect(configOf(extend(base, { schedule: {} })).schedule).toEqual({});
});

test("null is a value, and an object takes its place", () => {
  const config = configOf(
    extend(base, { training: { maxGradNorm: 1 } }, { training: { maxGradNorm: null } }),
  );
  expect(config.training.maxGradNorm).toBeNull();
});

test("of fields that exclude each other the later layer wins, and one layer cannot set both", () => {
  const epochs = extend(base, { training: { numEpochs: 2 } });
  expect(configOf(epochs).training).not.toHaveProperty("numSteps");
  expect(problemsOf(extend(base, { training: { numEpochs: 2, numSteps: 3 } }))).toEqual([
    "training.numEpochs: cannot be set together with numSteps (found 2)",
  ]);
  const warm = extend(
    base,
    { schedule: { warmupSteps: 5 } },
    { schedule: { warmupFraction: 0.5 } },
  );
  expect(configOf(warm).schedule).toEqual({ warmupFraction: 0.5 });
});

test("exactly one of the fields must be set", () => {
  expect(problemsOf(extend(base, { training: { numSteps: remove() } }))).toEqual([
    "training: needs one of numSteps, numEpochs",
  ]);
});

test("required() holds until a later layer says the value", () => {
  const open = fragment(untyped({ training: { batchSize: required() } }));
  expect(problemsOf(extend(base, open))).toEqual([
    "training.batchSize: is required() and no later layer sets it",
  ]);
  expect(configOf(extend(base, open, { training: { batchSize: 3 } })).training.batchSize).toBe(3);
});

test("numbers that JSON cannot say are refused where they stand", () => {
  expect(problemsOf(extend(base, { optimizer: { learningRate: NaN } }))).toEqual([
    "optimizer.learningRate: must be plain data that JSON can say (found NaN)",
  ]);
});

test("a BigInt is called one", () => {
  expect(problemsOf(extend(base, untyped({ optimizer: { learningRate: 1n } })))).toEqual([
    "optimizer.learningRate: must be plain data that JSON can say: a BigInt is none; write a number, or a text (found 1n)",
  ]);
});

test("an axis inside a list that is an axis itself is refused", () => {
  const lists = extend(base, untyped({ hiddenSizes: choice([1], [2]) }));
  const items = untyped({ hiddenSizes: append(choice(3, 4)) });
  expect(problemsOf(extend(lists, items))[0]).toContain("holds an axis inside append()");
});

const patch = fc.record(
  {
    seed: fc.nat(9),
    mode: fc.constantFrom("train" as const, "evaluate" as const),
    hiddenSizes: fc.array(fc.nat(9), { maxLength: 3 }),
    training: fc.record({ batchSize: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

test("extending with an empty patch changes nothing", () => {
  fc.assert(
    fc.property(patch, (change) => {
      const child = extend(base, change);
      expect(resolveWith(extend(child, {})).runs[0]?.configHash).toBe(
        resolveWith(child).runs[0]?.configHash,
      );
    }),
  );
});

test("extending is associative over disjoint keys", () => {
  fc.assert(
    fc.property(patch, fc.nat(9), (change, warmupSteps) => {
      const other = { schedule: { warmupSteps } };
      const oneByOne = extend(extend(base, change), other);
      const atOnce = extend(base, { ...change, ...other });
      const swapped = extend(extend(base, other), change);
      expect(configOf(atOnce)).toEqual(configOf(oneByOne));
      expect(configOf(swapped)).toEqual(configOf(oneByOne));
    }),
  );
});

test("a resolved config resolves to itself", () => {
  fc.assert(
    fc.property(patch, (change) => {
      const config = configOf(extend(base, change));
      expect(configOf(defineConfig(untyped(config)))).toEqual(config);
    }),
  );
});

test("a definition may say everything in one go", () => {
  expect(configOf(defineConfig(start)).optimizer.learningRate).toBe(0.001);
});
