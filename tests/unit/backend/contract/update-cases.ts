/** The optimizers with their formulas as the papers write them, for one weight. */
import type { UpdateAt, createOptimizer } from "../../../../src/optim/optimizer.ts";

interface Weight {
  readonly weight: number;
  readonly gradient: number;
  readonly at: UpdateAt;
}

export interface OptimizerCase {
  readonly title: string;
  readonly config: Parameters<typeof createOptimizer>[0];
  /** Names of what it keeps, in the order of `slots` of the formula. */
  readonly slots: readonly string[];
  readonly formula: (
    weight: Weight,
    slots: readonly number[],
  ) => { readonly weight: number; readonly slots: readonly number[] };
}

const [beta1, beta2, epsilon] = [0.9, 0.99, 1e-6];
const rates = { learningRate: 0.01, beta1, beta2 };

/** Kingma & Ba, Algorithm 1: m̂/(√v̂ + ε). */
function adamStep(
  gradient: number,
  [m = NaN, v = NaN]: readonly number[],
  step: number,
): { readonly direction: number; readonly slots: readonly number[] } {
  const mean = beta1 * m + (1 - beta1) * gradient;
  const square = beta2 * v + (1 - beta2) * gradient ** 2;
  const [ofMean, ofSquare] = [mean / (1 - beta1 ** step), square / (1 - beta2 ** step)];
  return { direction: ofMean / (Math.sqrt(ofSquare) + epsilon), slots: [mean, square] };
}

const sgdCases = [
  { momentum: 0, nesterov: false, slots: [] },
  { momentum: 0.9, nesterov: false, slots: ["momentum"] },
  { momentum: 0.9, nesterov: true, slots: ["momentum"] },
].map(({ momentum, nesterov, slots }): OptimizerCase => ({
  title: `sgd with momentum ${momentum}${nesterov ? ", Nesterov" : ""}`,
  config: { kind: "sgd", learningRate: 0.01, momentum, nesterov, l2Penalty: 0.1 },
  slots,
  formula: ({ weight, gradient, at }, [velocity = 0]) => {
    const g = gradient + 0.1 * weight;
    const next = momentum * velocity + g;
    const direction = nesterov ? g + momentum * next : next;
    return { weight: weight - at.learningRate * direction, slots: [next] };
  },
}));

export const optimizerCases: readonly OptimizerCase[] = [
  {
    title: "adam with an L2 penalty",
    config: { kind: "adam", ...rates, epsilon, l2Penalty: 0.1 },
    slots: ["m", "v"],
    formula: ({ weight, gradient, at }, own) => {
      const { direction, slots } = adamStep(gradient + 0.1 * weight, own, at.step);
      return { weight: weight - at.learningRate * direction, slots };
    },
  },
  {
    title: "adamw",
    config: { kind: "adamw", ...rates, epsilon, weightDecay: 0.1 },
    slots: ["m", "v"],
    formula: ({ weight, gradient, at }, own) => {
      const { direction, slots } = adamStep(gradient, own, at.step);
      return { weight: weight - at.learningRate * (direction + 0.1 * weight), slots };
    },
  },
  {
    title: "lion",
    config: { kind: "lion", ...rates, weightDecay: 0.1 },
    slots: ["momentum"],
    formula: ({ weight, gradient, at }, [m = NaN]) => {
      const sign = Math.sign(beta1 * m + (1 - beta1) * gradient);
      const next = beta2 * m + (1 - beta2) * gradient;
      return { weight: weight - at.learningRate * (sign + 0.1 * weight), slots: [next] };
    },
  },
  ...sgdCases,
];
