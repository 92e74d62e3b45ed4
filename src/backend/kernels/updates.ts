/**
 * In-place loops over host arrays: optimizer updates and norms. Each element is computed in double precision and rounded
 * once, in index order, but for what Adam takes of a parameter.
 */

export interface AdamArrays {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  /** Running mean of the gradients. */
  readonly mean: Float32Array;
  /** Running mean of their squares. */
  readonly square: Float32Array;
}

export interface AdamConstants {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** η/(1 − β₁ᵗ) */
  readonly stepSize: number;
  /** √(1 − β₂ᵗ) */
  readonly rootCorrection: number;
  /** What decoupled decay takes of the parameter, η·λ; 0 for none. */
  readonly decay: number;
  /** λ of a penalty that is part of the gradient; 0 for none. */
  readonly l2Penalty: number;
}

/** The constants of `adamUpdate` that are float32: √v/c + ε stands below m, and all of it is multiplied by c. */
export function adamStep({ epsilon, stepSize, rootCorrection, decay }: AdamConstants): {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly decay: number;
} {
  return {
    epsilon: Math.fround(epsilon * rootCorrection),
    stepSize: Math.fround(stepSize * rootCorrection),
    decay: Math.fround(decay),
  };
}

/**
 * One step of Adam or AdamW; see `src/optim/adam.ts` and `adamw.ts` for the formula. Both means are computed in double
 * precision and rounded once; what is taken of the parameter is float32, operation by operation.
 */
export function adamUpdate(arrays: AdamArrays, constants: AdamConstants): void {
  const { parameter, gradient, mean, square } = arrays;
  const { l2Penalty, beta1, beta2 } = constants;
  const { epsilon, stepSize, decay } = adamStep(constants);
  const { fround } = Math;
  for (let i = 0; i < parameter.length; i++) {
    const value = parameter[i] ?? 0;
    const g = (gradient[i] ?? 0) + l2Penalty * value;
    const m = fround(beta1 * (mean[i] ?? 0) + (1 - beta1) * g);
    const v = fround(beta2 * (square[i] ?? 0) + (1 - beta2) * g * g);
    mean[i] = m;
    square[i] = v;
    const moved = fround(fround(stepSize * m) / fround(fround(Math.sqrt(v)) + epsilon));
    parameter[i] = value - fround(moved + fround(decay * value));
  }
}

export interface LionArrays {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  readonly momentum: Float32Array;
}

export interface LionConstants {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** What decay takes of the parameter, η·λ; 0 for none. */
  readonly decay: number;
}

/** One Lion step; see `src/optim/lion.ts` for the formula. */
export function lionUpdate(arrays: LionArrays, constants: LionConstants): void {
  const { parameter, gradient, momentum } = arrays;
  const { learningRate, beta1, beta2, decay } = constants;
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i] ?? 0;
    const m = momentum[i] ?? 0;
    const direction = Math.sign(beta1 * m + (1 - beta1) * g);
    parameter[i] = (parameter[i] ?? 0) * (1 - decay) - learningRate * direction;
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
