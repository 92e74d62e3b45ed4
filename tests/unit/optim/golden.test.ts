/** Every optimizer against PyTorch in float64: 20 steps, a falling rate, one group that decays and one that is spared. */
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

/** The values after 20 steps of torch 2.15 in float64, `weight_decay` of the second group 0; for Lion, of its authors' code. */
const cases: readonly (readonly [name: string, config: object, expected: readonly number[]])[] = [
  [
    "Adam",
    adam,
    [
      1.608308118102, -1.995063076979, 1.708563203272, 2.215132704739, -1.578597067023,
      2.754037502159, 1.508273637262, -2.283383618228, 1.909884122217,
    ],
  ],
  [
    "Adam with its L2 penalty",
    { ...adam, beta1: 0.8, beta2: 0.95, epsilon: 1e-8, l2Penalty: 0.1 },
    [
      1.604194205919, -1.961676757948, 1.703874097654, 2.204067291856, -1.561494069047,
      2.709255802087, 1.508635303696, -2.28031669699, 1.909562326102,
    ],
  ],
  [
    "AdamW",
    { kind: "adamw", learningRate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 },
    [
      1.555282425649, -1.92934595432, 1.652417194041, 2.142900183432, -1.526707416754,
      2.661873079188, 1.508273198937, -2.283382701147, 1.909883633967,
    ],
  ],
  [
    "SGD",
    { ...sgd, momentum: 0 },
    [
      1.682781715619, -2.134420917479, 1.785455927928, 2.320642840432, -1.715407641828,
      2.883996637478, 1.607691484232, -2.447277664154, 2.028577853249,
    ],
  ],
  [
    "SGD with momentum",
    sgd,
    [
      0.717825188862, -1.560560047971, 0.813741932331, 1.425903284092, -1.096626269791,
      2.264322826889, 0.746243337464, -2.164041914968, 1.19714333169,
    ],
  ],
  [
    "SGD with Nesterov momentum",
    { ...sgd, nesterov: true },
    [
      0.642866307551, -1.498005501986, 0.73266904796, 1.321811395789, -1.045170258383,
      2.173142022813, 0.676082833877, -2.125728830722, 1.10807344876,
    ],
  ],
  [
    "Lion",
    { kind: "lion", learningRate, beta1: 0.9, beta2: 0.99, weightDecay: 0.1 },
    [
      1.542250811731, -1.881728776782, 1.639244516031, 2.124213037532, -1.493753959581,
      2.609181559034, 1.495, -2.234, 1.895,
    ],
  ],
];

test.each(cases)("%s is PyTorch's to 1e-6 over 20 steps", (_name, config, expected) => {
  const actual = trained(config as Config, 20);
  for (const [index, value] of expected.entries()) {
    expect(Math.abs((actual[index] ?? NaN) / value - 1)).toBeLessThan(1e-6);
  }
});
