import { expect, test } from "vitest";
import { planBatches } from "../../../src/train/batches.ts";
import { checkpointEvent, stepCheckpointName } from "../../../src/train/checkpoints.ts";
import { initialState } from "../../../src/train/state.ts";

const settings = { batchSize: 4, gradientAccumulationSteps: 1, dropLastBatch: false, numSteps: 9 };
const facts = { plan: planBatches(settings, 10), optimizer: "sgd", ambientState: null };

function tensor(...values: number[]) {
  return { dtype: "F32", shape: [values.length], values: new Float32Array(values) } as const;
}

test("numbered checkpoints have six digits, so that names sort by step", () => {
  expect([7, 100, 1_234_567].map(stepCheckpointName)).toEqual([
    "step-000007",
    "step-000100",
    "step-1234567",
  ]);
});

test("the state before the first step lies in no epoch", () => {
  const state = initialState(new Map([["w", tensor(1)]]), new Map());
  expect(checkpointEvent(["last"], state, facts).state).toMatchObject({
    step: 0,
    epoch: 0,
    positionInEpoch: 0,
    best: null,
    earlyStopping: { reference: null, numWithoutImprovement: 0 },
  });
});

test("the place in an epoch follows from the step", () => {
  const state = initialState(new Map(), new Map());
  const places = [1, 3, 4].map((step) => {
    state.step = step;
    const { epoch, positionInEpoch } = checkpointEvent(["last"], state, facts).state;
    return [epoch, positionInEpoch];
  });
  expect(places).toEqual([
    [1, 4],
    [1, 10], // the short batch ends the epoch
    [2, 4],
  ]);
});

test("slots stand under optimizer/, and all tensors are those of the state, which is said", () => {
  const parameter = tensor(1, 2);
  const state = initialState(new Map([["w", parameter]]), new Map([["m/w", tensor(3, 4)]]));
  const { tensors, isLive } = checkpointEvent(["best", "last"], state, facts);
  expect([isLive, tensors.get("w") === parameter]).toEqual([true, true]);
  expect([...tensors]).toEqual([
    ["w", tensor(1, 2)],
    ["optimizer/m/w", tensor(3, 4)],
  ]);
});

test("the parameters of an evaluation that was the best just now are there once", () => {
  const state = initialState(new Map([["w", tensor(1, 2)]]), new Map([["m/w", tensor(3, 4)]]));
  const best = new Map([["w", tensor(1, 2)]]);
  const figures = { kind: "classes", part: "validation", loss: 1, matrix: [[1]] } as never;
  state.step = 3;
  state.best = { step: 3, value: 1, figures, parameters: best };
  const now = checkpointEvent(["best", "last"], state, facts).tensors;
  expect([...now.keys()]).toEqual(["w", "optimizer/m/w"]);
  expect(now.get("w")).toBe(state.parameters.get("w"));
  state.step = 4;
  const later = checkpointEvent(["last"], state, facts).tensors;
  expect([...later.keys()]).toEqual(["w", "optimizer/m/w", "best/w"]);
  expect(later.get("w")).not.toBe(best.get("w"));
});
