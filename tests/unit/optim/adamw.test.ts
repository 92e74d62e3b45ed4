import { expect, test } from "vitest";
import type { HostTensors } from "../../../src/core/run-events.ts";
import { createAdamw } from "../../../src/optim/adamw.ts";
import { tensorsOf, valuesAt } from "./host-tensors.ts";

const config = {
  kind: "adamw",
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
} as const;
const parameters = [{ name: "w", decay: true }];

function trained(
  numSteps: number,
  gradientOf: (w: number) => number,
  start: number[],
): HostTensors {
  const optimizer = createAdamw(config, parameters);
  const tensors = tensorsOf({ w: start });
  const state = optimizer.init(tensors);
  for (let step = 1; step <= numSteps; step++) {
    const gradients = tensorsOf({ w: valuesAt(tensors, "w").map(gradientOf) });
    optimizer.update({ parameters: tensors, gradients, state }, { step, learningRate: 0.1 });
  }
  return tensors;
}

test("equals PyTorch's AdamW over three steps", () => {
  // torch.optim.AdamW([p], lr=.1, betas=(.9, .99), eps=1e-8, weight_decay=.1) on p² from [1, −2], in float64
  const [first = NaN, second = NaN] = valuesAt(
    trained(3, (w) => 2 * w, [1, -2]),
    "w",
  );
  expect(first).toBeCloseTo(0.675_003_204_321_720_2, 6);
  expect(second).toBeCloseTo(-1.644_316_929_914_662, 6);
});

test("equals PyTorch's formula in float64 over 20 steps, within float32's rounding", () => {
  const gradientOf = (w: number): number => Math.sin(3 * w) + 0.2;
  const expected = [0.5, -1.25, 2].map((start) => {
    let [w, m, v] = [start, 0, 0];
    for (let t = 1; t <= 20; t++) {
      const g = gradientOf(w);
      w *= 1 - 0.1 * config.weightDecay;
      m = config.beta1 * m + (1 - config.beta1) * g;
      v = config.beta2 * v + (1 - config.beta2) * g * g;
      const denominator = Math.sqrt(v) / Math.sqrt(1 - config.beta2 ** t) + config.epsilon;
      w -= ((0.1 / (1 - config.beta1 ** t)) * m) / denominator;
    }
    return w;
  });
  const actual = valuesAt(trained(20, gradientOf, [0.5, -1.25, 2]), "w");
  for (const [index, value] of expected.entries()) {
    expect(Math.abs((actual[index] ?? NaN) - value)).toBeLessThan(
      1e-6 * Math.max(1, Math.abs(value)),
    );
  }
});

test("a parameter that is spared keeps its value where its gradient is 0, the other decays", () => {
  const optimizer = createAdamw(config, [
    { name: "w", decay: true },
    { name: "bias", decay: false },
  ]);
  const tensors = tensorsOf({ w: [2], bias: [2] });
  const gradients = tensorsOf({ w: [0], bias: [0] });
  const state = optimizer.init(tensors);
  optimizer.update({ parameters: tensors, gradients, state }, { step: 1, learningRate: 0.1 });
  expect(valuesAt(tensors, "bias")).toEqual([2]);
  expect(valuesAt(tensors, "w")).toEqual([Math.fround(2 * (1 - 0.01))]);
});

test("its state is named slots of zeros, which continue after a copy as if nothing had happened", () => {
  const optimizer = createAdamw(config, parameters);
  const tensors = tensorsOf({ w: [1, -2] });
  const state = optimizer.init(tensors);
  expect([...state.keys()]).toEqual(["m/w", "v/w"]);
  expect(valuesAt(state, "v/w")).toEqual([0, 0]);
  const step = (into: HostTensors, slots: HostTensors, at: number): void => {
    const gradients = tensorsOf({ w: valuesAt(into, "w") });
    optimizer.update(
      { parameters: into, gradients, state: slots },
      { step: at, learningRate: 0.1 },
    );
  };
  step(tensors, state, 1);
  const resumed = tensorsOf({ w: valuesAt(tensors, "w") });
  const resumedState = tensorsOf({ "m/w": valuesAt(state, "m/w"), "v/w": valuesAt(state, "v/w") });
  step(tensors, state, 2);
  step(resumed, resumedState, 2);
  expect(valuesAt(resumed, "w")).toEqual(valuesAt(tensors, "w"));
});

test("a parameter without a gradient is our own bug", () => {
  const optimizer = createAdamw(config, parameters);
  const tensors = tensorsOf({ w: [1] });
  const update = (): void => {
    const state = optimizer.init(tensors);
    optimizer.update(
      { parameters: tensors, gradients: new Map(), state },
      { step: 1, learningRate: 1 },
    );
  };
  expect(update).toThrow("internal: there is no float32 tensor w");
});
