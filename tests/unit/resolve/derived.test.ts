import { expect, test } from "vitest";
import { choice } from "../../../src/config/axes.ts";
import { derived } from "../../../src/config/deferred.ts";
import {
  base,
  configOf,
  problemsOf,
  resolveWith,
  smallTask,
  untyped,
  type SmallConfig,
} from "./support/small-task.ts";

const { extend } = smallTask;

test("a derived value sees everything that was set, defaults and overrides included", () => {
  const child = extend(base, {
    schedule: { warmupSteps: derived((c) => Math.ceil(0.1 * (c.training.numSteps ?? 0))) },
    training: { batchSize: derived((c) => c.hiddenSizes.length * c.logging.interval) },
  });
  expect(configOf(child, ["training.numSteps=200"])).toMatchObject({
    schedule: { warmupSteps: 20 },
    training: { batchSize: 20 },
  });
});

test("derived values are computed in the order in which they read each other", () => {
  const child = extend(base, {
    seed: derived((c) => (c.schedule.warmupSteps ?? 0) + 1),
    schedule: { warmupSteps: derived((c) => c.training.batchSize * 2) },
    training: { batchSize: derived((c) => c.training.numSteps ?? 1) },
  });
  expect(configOf(child)).toMatchObject({ seed: 21, schedule: { warmupSteps: 20 } });
});

test("each run of a grid computes its own", () => {
  const grid = extend(base, {
    training: { numSteps: choice(10, 20) },
    schedule: { warmupSteps: derived((c) => c.training.numSteps ?? 0) },
  });
  expect(resolveWith(grid).runs.map(({ config }) => config["schedule"])).toEqual([
    { warmupSteps: 10 },
    { warmupSteps: 20 },
  ]);
});

test("a derived list or object is a plain copy with the defaults of its parts", () => {
  const child = extend(base, {
    hiddenSizes: derived((c) => [c.training.batchSize, ...[1].map((size) => size + c.seed)]),
    optimizer: derived((c) => ({
      kind: "sgd" as const,
      learningRate: c.training.batchSize,
      momentum: 0,
    })),
  });
  const config = configOf(child);
  expect(config.hiddenSizes).toEqual([8, 1]);
  expect(config.optimizer).toEqual({ kind: "sgd", learningRate: 8, momentum: 0 });
  const same = extend(base, untyped({ augment: derived(() => [{ kind: "flip" }]) }));
  expect(configOf(same).augment).toEqual([{ kind: "flip", probability: 0.5 }]);
  const shared = extend(base, { data: { path: "a" }, seeds: derived((c) => ({ other: c.seed })) });
  expect(configOf(shared).seeds).toEqual({ other: 0 });
});

test("a circle is named path by path, once", () => {
  const child = extend(base, {
    seed: derived((c) => c.training.batchSize),
    training: { batchSize: derived((c) => c.schedule.warmupSteps ?? 1) },
    schedule: { warmupSteps: derived((c) => c.training.batchSize) },
  });
  expect(problemsOf(child)).toEqual([
    "training.batchSize: is derived from itself: training.batchSize → schedule.warmupSteps → training.batchSize",
  ]);
  expect(problemsOf(extend(base, { seed: derived((c) => c.seed) }))).toEqual([
    "seed: is derived from itself: seed → seed",
  ]);
});

test("a path that the schema lacks is named, with the nearest", () => {
  const child = extend(base, { seed: derived((c) => untyped(c)["training"]["batchsize"]) });
  expect(problemsOf(child)).toEqual([
    "seed: is derived from training.batchsize, which is no path of the config → training.batchSize",
  ]);
});

test("a function that throws, or gives what no config can hold, is reported at its field", () => {
  const throwing = extend(base, {
    seed: derived((): number => {
      throw new RangeError("too wide");
    }),
  });
  expect(problemsOf(throwing)).toEqual([
    "seed: is derived, and its function threw RangeError: too wide",
  ]);
  const wrong = (result: unknown): string[] =>
    problemsOf(extend(base, { seed: derived(() => result as number) }));
  expect(wrong(undefined)).toEqual(["seed: is derived, and its function gave undefined"]);
  expect(wrong(NaN)).toEqual([
    "seed: is derived, and must be plain data that JSON can say (found NaN)",
  ]);
  expect(wrong(Promise.resolve(3))).toEqual([
    "seed: is derived, and must be plain data that JSON can say (found an object of class Promise)",
  ]);
  expect(wrong(choice(1, 2))).toEqual([
    "seed: is derived, and must be plain data that JSON can say",
  ]);
  expect(wrong(derived(() => 3))).toEqual(["seed: is derived, and gave derived() again"]);
  expect(wrong("7")).toEqual(['seed: must be a whole number (found "7")']);
});

test("the config is only read", () => {
  const child = extend(base, {
    seed: derived((c) => {
      untyped(c)["seed"] = 3 as never;
      return 1;
    }),
  });
  expect(problemsOf(child)).toEqual([
    "seed: is derived, and its function threw TypeError: the config cannot be changed here: it is only read",
  ]);
});

test("who reads a missing value says nothing of its own", () => {
  const child = smallTask.defineConfig(
    untyped({
      optimizer: { kind: "adamw" },
      training: { numSteps: 1 },
      seed: derived((c: SmallConfig) => c.optimizer.learningRate),
    }),
  );
  expect(problemsOf(child)).toEqual(["optimizer.learningRate: is required: a number"]);
});

test("a function that swallows the end of another one does not go on", () => {
  const child = extend(base, {
    seed: derived((c) => {
      try {
        return c.training.batchSize;
      } catch {
        return 1;
      }
    }),
    training: {
      batchSize: derived((): number => {
        throw new Error("no");
      }),
    },
  });
  expect(problemsOf(child)).toEqual([
    "training.batchSize: is derived, and its function threw Error: no",
  ]);
});

test("which member of a union there is cannot be derived", () => {
  const message = "must be written out or an axis: other fields hang on it";
  const kind = derived(() => "sgd");
  const wrong = extend(base, untyped({ optimizer: { kind, momentum: 0.5 } }));
  expect(problemsOf(wrong)).toEqual([`optimizer.kind: ${message}`]);
  const item = extend(base, untyped({ augment: [{ kind: derived(() => "flip") }] }));
  expect(problemsOf(item)).toEqual([`augment[0].kind: ${message}`]);
  const swept = { optimizer: { kind: choice("sgd", "adamw") } };
  const later = extend(base, untyped(swept), untyped({ optimizer: { kind } }));
  expect(problemsOf(later).join()).toContain(`optimizer.kind: ${message}`);
});

test("what is computed from a wrong value is not told beside it", () => {
  const child = extend(base, {
    seed: derived((c) => c.training.batchSize * 2),
    training: { numSteps: derived((c) => c.seed + 1) },
    hiddenSizes: derived((c) => [c.training.batchSize]),
  });
  expect(problemsOf(child, ["training.batchSize=ten"])).toEqual([
    'training.batchSize: must be a whole number (found "ten")',
  ]);
  expect(problemsOf(child, ["training.batchSize=ten", "mode=trian"])).toHaveLength(2);
  const wrong = extend(child, { seed: derived((c) => c.training.batchSize / 0) });
  expect(problemsOf(wrong)).toEqual([
    "seed: is derived, and must be plain data that JSON can say (found Infinity)",
  ]);
});
