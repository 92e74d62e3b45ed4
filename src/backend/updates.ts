/**
 * Updates of what training keeps, in place: by kernels of the backend where it reaches the arrays (see
 * `host-tensors.ts`), else by loops. Each element is computed in double precision and rounded once, so both give the same
 * bits; only the sum of squares has another order of summation on `wasm`.
 */
import * as averages from "./kernels/running-average.ts";
import * as loops from "./kernels/updates.ts";
import * as fast from "./wasm/kernels/updates.ts";

/** One AdamW step; see `src/optim/adamw.ts` for the formula. */
export function adamwUpdate(arrays: loops.AdamwArrays, constants: loops.AdamwConstants): void {
  if (!fast.fastAdam(arrays, constants)) loops.adamwUpdate(arrays, constants);
}

/** One Adam step; see `src/optim/adam.ts` for the formula. */
export function adamUpdate(arrays: loops.AdamwArrays, constants: loops.AdamConstants): void {
  if (!fast.fastAdam(arrays, constants)) loops.adamUpdate(arrays, constants);
}

/** One Lion step; see `src/optim/lion.ts` for the formula. */
export function lionUpdate(arrays: loops.LionArrays, constants: loops.LionConstants): void {
  if (!fast.fastLion(arrays, constants)) loops.lionUpdate(arrays, constants);
}

/** One SGD step; see `src/optim/sgd.ts` for the formula. */
export function sgdUpdate(arrays: loops.SgdArrays, constants: loops.SgdConstants): void {
  if (!fast.fastSgd(arrays, constants)) loops.sgdUpdate(arrays, constants);
}

/** The sum of the squares, in double precision. */
export function squaredNorm(values: Float32Array): number {
  return fast.fastSquaredNorm(values) ?? loops.squaredNorm(values);
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
