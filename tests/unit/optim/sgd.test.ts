import { expect, test } from "vitest";
import { createSgd } from "../../../src/optim/sgd.ts";
import { tensorsOf, valuesAt } from "./host-tensors.ts";

const plain = {
  kind: "sgd",
  learningRate: 0.1,
  momentum: 0,
  nesterov: false,
  l2Penalty: 0,
} as const;

interface Options {
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly l2Penalty?: number;
}

function trained(
  options: Options,
  { numSteps, start, decay = true }: { numSteps: number; start: number[]; decay?: boolean },
): number[] {
  const optimizer = createSgd({ ...plain, ...options }, [{ name: "w", decay }]);
  const tensors = tensorsOf({ w: start });
  const state = optimizer.init(tensors);
  for (let step = 1; step <= numSteps; step++) {
    const gradients = tensorsOf({ w: valuesAt(tensors, "w").map((w) => 2 * w) });
    optimizer.update({ parameters: tensors, gradients, state }, { step, learningRate: 0.1 });
  }
  return valuesAt(tensors, "w");
}

test("without momentum it goes down the gradient and keeps no state", () => {
  expect(trained({}, { numSteps: 1, start: [1, -2] })).toEqual([0.8, -1.6].map(Math.fround));
  expect([
    ...createSgd(plain, [])
      .init(tensorsOf({ w: [1] }))
      .keys(),
  ]).toEqual([]);
});

test("equals PyTorch's SGD over three steps", () => {
  // torch.optim.SGD([p], lr=.1, momentum=.9) on p² from [1, −2], in float64
  const [first = NaN, second = NaN] = trained({ momentum: 0.9 }, { numSteps: 3, start: [1, -2] });
  expect(first).toBeCloseTo(0.062, 6);
  expect(second).toBeCloseTo(-0.124, 6);
  // torch.optim.SGD([p], lr=.1, momentum=.9, nesterov=True, weight_decay=.1)
  const options = { momentum: 0.9, nesterov: true, l2Penalty: 0.1 };
  const [third = NaN, fourth = NaN] = trained(options, { numSteps: 3, start: [1, -2] });
  expect(third).toBeCloseTo(-0.140_468_399, 6);
  expect(fourth).toBeCloseTo(0.280_936_798, 6);
});

test.each([
  { momentum: 0.9, nesterov: false, l2Penalty: 0.01 },
  { momentum: 0.5, nesterov: true, l2Penalty: 0 },
])("equals PyTorch's formula in float64 over 20 steps: %o", (options) => {
  let [w, velocity] = [1.5, 0];
  for (let t = 1; t <= 20; t++) {
    const g = 2 * w + options.l2Penalty * w;
    velocity = t === 1 ? g : options.momentum * velocity + g;
    w -= 0.1 * (options.nesterov ? g + options.momentum * velocity : velocity);
  }
  const [actual = NaN] = trained(options, { numSteps: 20, start: [1.5] });
  expect(Math.abs(actual - w)).toBeLessThan(1e-6);
});

test("the penalty spares what does not decay", () => {
  const withPenalty = trained({ l2Penalty: 0.5 }, { numSteps: 2, start: [1], decay: false });
  expect(withPenalty).toEqual(trained({}, { numSteps: 2, start: [1] }));
});

test("Nesterov without momentum is refused", () => {
  expect(() => createSgd({ ...plain, nesterov: true }, [])).toThrow(
    "The optimizer's options do not fit together.",
  );
});
