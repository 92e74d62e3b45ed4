/**
 * Every optimizer against PyTorch in float64, Lion against the algorithm of its paper: 20 steps, a falling rate, one group
 * that decays and one that is spared.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createOptimizer } from "../../../src/optim/optimizer.ts";
import { tensorsOf, valuesAt } from "./host-tensors.ts";

const first = { weight: [1.9, -2.25, 2, 2.5, -1.85, 3], bias: [1.8, -2.5, 2.2] };
const groups = [
  { name: "weight", decay: true },
  { name: "bias", decay: false },
];

const rateAt = (step: number): number => 0.02 * (1 - (step - 1) / 40);
/** Of an element `value` at a step: it depends on the parameter, and changes its sign with the step. */
const gradientOf = (value: number, step: number): number =>
  0.5 * Math.sin(value) + 0.25 * ((step % 3) - 1) + 0.125;

type Config = Parameters<typeof createOptimizer>[0];

function trained(config: Config, numSteps: number): readonly number[] {
  const optimizer = createOptimizer(config, groups);
  const parameters = tensorsOf(first);
  const state = optimizer.init(parameters);
  for (let step = 1; step <= numSteps; step++) {
    const gradients = tensorsOf(
      Object.fromEntries(
        groups.map(({ name }) => [
          name,
          valuesAt(parameters, name).map((value) => gradientOf(value, step)),
        ]),
      ),
    );
    optimizer.update({ parameters, gradients, state }, { step, learningRate: rateAt(step) });
  }
  return groups.flatMap(({ name }) => valuesAt(parameters, name));
}

const learningRate = 1; // each step is told its own
const adam = { kind: "adam", learningRate, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, l2Penalty: 0 };
const sgd = { kind: "sgd", learningRate, momentum: 0.9, nesterov: false, l2Penalty: 0.05 };

/** What `golden/optimizers.py` wrote. */
const golden = JSON.parse(
  readFileSync(new URL("golden/optimizers.json", import.meta.url), "utf8"),
) as Readonly<Record<string, readonly number[]>>;

const configs: Readonly<Record<string, object>> = {
  Adam: adam,
  "Adam with its L2 penalty": { ...adam, beta1: 0.8, beta2: 0.95, epsilon: 1e-8, l2Penalty: 0.1 },
  AdamW: { ...adam, kind: "adamw", epsilon: 1e-8, weightDecay: 0.1 },
  SGD: { ...sgd, momentum: 0 },
  "SGD with momentum": sgd,
  "SGD with Nesterov momentum": { ...sgd, nesterov: true },
  Lion: { kind: "lion", learningRate, beta1: 0.9, beta2: 0.99, weightDecay: 0.1 },
};

test("every optimizer is compared", () => {
  expect(Object.keys(golden)).toEqual(Object.keys(configs));
});

test.each(Object.entries(golden))(
  "%s is the reference's to 1e-6 over 20 steps",
  (name, expected) => {
    const actual = trained(configs[name] as Config, 20);
    expect(actual).toHaveLength(expected.length);
    for (const [index, value] of expected.entries()) {
      expect(Math.abs((actual[index] ?? NaN) / value - 1)).toBeLessThan(1e-6);
    }
  },
);
