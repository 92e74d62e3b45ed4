/**
 * Updates of what training keeps, in place: by kernels of the backend where it reaches the arrays (see
 * `host-tensors.ts`), else by loops. Both give the same bits; only the sum of squares has another order of summation on `wasm`.
 */
import * as averages from "./kernels/running-average.ts";
import * as loops from "./kernels/updates.ts";
import * as fast from "./wasm/kernels/updates.ts";

/** What an optimizer moves: the arrays of one parameter, and whether decay or a penalty applies to it. */
export interface Updated<Arrays> {
  readonly arrays: Arrays;
  readonly isDecayed: boolean;
}

/** One step of Adam or AdamW for all parameters; see `src/optim/adam.ts` and `adamw.ts` for the formula. */
export function adamUpdate(
  all: readonly Updated<loops.AdamArrays>[],
  constants: loops.AdamConstants,
): void {
  const listed = all.map(({ arrays, isDecayed }) => {
    const { parameter, gradient, mean, square } = arrays;
    return { arrays: [parameter, gradient, mean, square], isDecayed };
  });
  if (fast.fastAdam(listed, constants)) return;
  const free = { ...constants, decay: 0, l2Penalty: 0 };
  for (const { arrays, isDecayed } of all) loops.adamUpdate(arrays, isDecayed ? constants : free);
}

/** One Lion step for all parameters; see `src/optim/lion.ts` for the formula. */
export function lionUpdate(
  all: readonly Updated<loops.LionArrays>[],
  constants: loops.LionConstants,
): void {
  const listed = all.map(({ arrays, isDecayed }) => {
    return { arrays: [arrays.parameter, arrays.gradient, arrays.momentum], isDecayed };
  });
  if (fast.fastLion(listed, constants)) return;
  const free = { ...constants, decay: 0 };
  for (const { arrays, isDecayed } of all) loops.lionUpdate(arrays, isDecayed ? constants : free);
}

/** One SGD step for all parameters; see `src/optim/sgd.ts` for the formula. */
export function sgdUpdate(
  all: readonly Updated<loops.SgdArrays>[],
  constants: loops.SgdConstants,
): void {
  const listed = all.map(({ arrays: { parameter, gradient, buffer }, isDecayed }) => {
    return { arrays: [parameter, gradient, ...(buffer ? [buffer] : [])], isDecayed };
  });
  if (fast.fastSgd(listed, constants)) return;
  const free = { ...constants, l2Penalty: 0 };
  for (const { arrays, isDecayed } of all) loops.sgdUpdate(arrays, isDecayed ? constants : free);
}

/** The sum of the squares of each array, in double precision. */
export function squaredNorms(all: readonly Float32Array[]): readonly number[] {
  return fast.fastSquaredNorms(all) ?? all.map(loops.squaredNorm);
}

/** Multiplies every element. */
export function scaleInPlace(values: Float32Array, factor: number): void {
  if (!fast.fastScale(values, factor)) loops.scaleInPlace(values, factor);
}

/** Adds the second to the first, of the same length, element by element. */
export function addInPlace(values: Float32Array, added: Float32Array): void {
  if (fast.fastAdd(values, added)) return;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + (added[i] ?? NaN);
}

/** average ← (1 − momentum)·average + momentum·values, element by element; two arrays of one length. */
export function moveTowards(average: Float32Array, values: Float32Array, momentum: number): void {
  if (!fast.fastMove(average, values, momentum)) averages.moveTowards(average, values, momentum);
}
