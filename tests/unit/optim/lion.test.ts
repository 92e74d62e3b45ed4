import { expect, test } from "vitest";
import { createLion } from "../../../src/optim/lion.ts";
import { tensorsOf, valuesAt } from "./host-tensors.ts";

const config = {
  kind: "lion",
  learningRate: 0.5,
  beta1: 0.5,
  beta2: 0.75,
  weightDecay: 0.25,
} as const;

test("every weight moves by the learning rate, against the sign, however small its gradient", () => {
  const optimizer = createLion({ ...config, weightDecay: 0 }, [{ name: "w", decay: true }]);
  const parameters = tensorsOf({ w: [1, 1, 1] });
  const gradients = tensorsOf({ w: [1e-30, -1000, 0] });
  const state = optimizer.init(parameters);
  optimizer.update({ parameters, gradients, state }, { step: 1, learningRate: 0.5 });
  expect(valuesAt(parameters, "w")).toEqual([0.5, 1.5, 1]);
});

test("the direction is of β₁, the momentum that is kept of β₂", () => {
  const optimizer = createLion(config, [{ name: "w", decay: true }]);
  const parameters = tensorsOf({ w: [8, 8] });
  const state = tensorsOf({ "momentum/w": [2, 2] });
  const gradients = tensorsOf({ w: [-1, -4] }); // ½·2 − ½·1 > 0, and ½·2 − ½·4 < 0
  optimizer.update({ parameters, gradients, state }, { step: 1, learningRate: 0.5 });
  expect(valuesAt(parameters, "w")).toEqual([8 * 0.875 - 0.5, 8 * 0.875 + 0.5]);
  expect(valuesAt(state, "momentum/w")).toEqual([0.75 * 2 - 0.25, 0.75 * 2 - 1]);
});

test("a parameter that is spared does not decay", () => {
  const optimizer = createLion(config, [
    { name: "w", decay: true },
    { name: "bias", decay: false },
  ]);
  const parameters = tensorsOf({ w: [8], bias: [8] });
  const state = optimizer.init(parameters);
  const gradients = tensorsOf({ w: [0], bias: [0] });
  optimizer.update({ parameters, gradients, state }, { step: 1, learningRate: 0.5 });
  expect(valuesAt(parameters, "w")).toEqual([7]);
  expect(valuesAt(parameters, "bias")).toEqual([8]);
});
