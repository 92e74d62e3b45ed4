/**
 * In-place loops over host arrays: optimizer updates and norms. Each element is computed in double precision and rounded
 * once, in index order.
 */

export interface AdamwArrays {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  /** Running mean of the gradients. */
  readonly mean: Float32Array;
  /** Running mean of their squares. */
  readonly square: Float32Array;
}

export interface AdamwConstants {
  /** What weight decay leaves of the parameter: 1 − η·λ. */
  readonly kept: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** η/(1 − β₁ᵗ) */
  readonly stepSize: number;
  /** √(1 − β₂ᵗ) */
  readonly rootCorrection: number;
}

/** One AdamW step; see `src/optim/adamw.ts` for the formula. */
export function adamwUpdate(arrays: AdamwArrays, constants: AdamwConstants): void {
  const { parameter, gradient, mean, square } = arrays;
  const { kept, beta1, beta2, epsilon, stepSize, rootCorrection } = constants;
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i] ?? 0;
    const m = beta1 * (mean[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (square[i] ?? 0) + (1 - beta2) * g * g;
    mean[i] = m;
    square[i] = v;
    const denominator = Math.sqrt(v) / rootCorrection + epsilon;
    parameter[i] = (parameter[i] ?? 0) * kept - (stepSize * m) / denominator;
  }
}

export interface AdamConstants {
  readonly l2Penalty: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** η/(1 − β₁ᵗ) */
  readonly stepSize: number;
  /** √(1 − β₂ᵗ) */
  readonly rootCorrection: number;
}

/** One Adam step; see `src/optim/adam.ts` for the formula. */
export function adamUpdate(arrays: AdamwArrays, constants: AdamConstants): void {
  const { parameter, gradient, mean, square } = arrays;
  const { l2Penalty, beta1, beta2, epsilon, stepSize, rootCorrection } = constants;
  for (let i = 0; i < parameter.length; i++) {
    const value = parameter[i] ?? 0;
    const g = (gradient[i] ?? 0) + l2Penalty * value;
    const m = beta1 * (mean[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (square[i] ?? 0) + (1 - beta2) * g * g;
    mean[i] = m;
    square[i] = v;
    parameter[i] = value - (stepSize * m) / (Math.sqrt(v) / rootCorrection + epsilon);
  }
}

export interface LionArrays {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  readonly momentum: Float32Array;
}

export interface LionConstants {
  /** What weight decay leaves of the parameter: 1 − η·λ. */
  readonly kept: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
}

/** One Lion step; see `src/optim/lion.ts` for the formula. */
export function lionUpdate(arrays: LionArrays, constants: LionConstants): void {
  const { parameter, gradient, momentum } = arrays;
  const { kept, learningRate, beta1, beta2 } = constants;
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i] ?? 0;
    const m = momentum[i] ?? 0;
    const direction = Math.sign(beta1 * m + (1 - beta1) * g);
    parameter[i] = (parameter[i] ?? 0) * kept - learningRate * direction;
    momentum[i] = beta2 * m + (1 - beta2) * g;
  }
}

export interface SgdArrays {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  /** Momentum; absent where there is none. */
  readonly buffer: Float32Array | undefined;
}

export interface SgdConstants {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly l2Penalty: number;
}

/** One SGD step; see `src/optim/sgd.ts` for the formula. */
export function sgdUpdate(arrays: SgdArrays, constants: SgdConstants): void {
  const { parameter, gradient, buffer } = arrays;
  const { learningRate, momentum, nesterov, l2Penalty } = constants;
  for (let i = 0; i < parameter.length; i++) {
    const value = parameter[i] ?? 0;
    const g = (gradient[i] ?? 0) + l2Penalty * value;
    let direction = g;
    if (buffer !== undefined) {
      const velocity = momentum * (buffer[i] ?? 0) + g;
      buffer[i] = velocity;
      direction = nesterov ? g + momentum * velocity : velocity;
    }
    parameter[i] = value - learningRate * direction;
  }
}

/** The sum of the squares, in double precision and index order. */
export function squaredNorm(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    sum += value * value;
  }
  return sum;
}

/** Multiplies every element. */
export function scaleInPlace(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * factor;
}
