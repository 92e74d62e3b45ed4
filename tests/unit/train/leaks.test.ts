/** A model that keeps a tensor at each step is told of, once, and one that does not is not. */
import { keep, scalar } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { TensorCount } from "../../../src/backend/tensor-count.ts";
import { createLeakWatch, leakySteps } from "../../../src/train/leaks.ts";
import { eventsOf, pointsInput, runToy } from "./toy.ts";
import { membersWith, type Mlp } from "./user-kinds.ts";

const none: TensorCount = { numTensors: 7, numBytes: 700 };

function grown(numTensors: number, numBytes: number): TensorCount {
  return { numTensors: 7 + numTensors, numBytes: 700 + numBytes };
}

/** The steps whose warning was given, with it. */
function warnings(after: readonly TensorCount[]): readonly (readonly [number, string])[] {
  const watch = createLeakWatch();
  return after.flatMap((each, index) => {
    const text = watch.after(none, each);
    return text === undefined ? [] : [[index + 1, text] as const];
  });
}

function steps(count: number, each: TensorCount): readonly TensorCount[] {
  return Array.from({ length: count }, () => each);
}

test("fifty steps in a row that leave as many tensors are told of once, with their mean size", () => {
  const found = warnings([
    grown(5, 50),
    none,
    ...steps(25, grown(2, 1_000)),
    ...steps(99, grown(2, 3_000)),
  ]);
  expect(found).toEqual([
    [2 + leakySteps, expect.stringContaining("left 2 tensors behind (2.0 kB a step)")],
  ]);
});

test("what is given back, once or for good, is no leak", () => {
  expect(warnings(steps(200, none))).toEqual([]);
  expect(warnings(steps(200, grown(-1, -4)))).toEqual([]);
  const emptied = [...steps(leakySteps - 1, grown(1, 4)), none];
  expect(warnings([...emptied, ...emptied, ...emptied])).toEqual([]);
  const filling = Array.from({ length: 200 }, (_, index) => grown(1 + (index % 2), 4));
  expect(warnings(filling)).toEqual([]);
});

/** The warnings of 60 steps of a model whose pass begins with something. */
async function warningsOf(before: () => void): Promise<readonly string[]> {
  const members = membersWith((mlp) => ({
    forward: (...given: Parameters<Mlp["forward"]>) => {
      if (given[2].kind === "train") before();
      return mlp.forward(...given);
    },
  }));
  const training = { numSteps: 60, batchSize: 4, evaluationInterval: 20 };
  const run = await runToy({ ...pointsInput, model: { kind: "broken" }, training }, { members });
  expect(run.error).toBeUndefined();
  return eventsOf(run, "log")
    .filter(({ level }) => level === "warning")
    .map(({ text }) => text);
}

test("a model that keeps a tensor in forward is told of", async () => {
  const texts = await warningsOf(() => {
    keep(scalar(1));
  });
  expect(texts).toEqual([
    "each of the last 50 steps left 1 tensor behind (4 B a step), and memory will run out: the model keeps what it makes in " +
      "forward. Without tf.keep all of it is given back after the step",
  ]);
  expect(await warningsOf(() => undefined)).toEqual([]);
});
