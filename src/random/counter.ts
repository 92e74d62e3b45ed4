/**
 * The layout of the 128-bit Philox counter, as four 32-bit words:
 *
 *   word 0  block of the element (its index divided by 4), or the round's input of a permutation
 *   word 1  position of the example in the whole batch, or the round of a permutation
 *   word 2  step (or epoch), lower 32 bits
 *   word 3  bits 31-28 use · bits 27-21 attempt · bits 20-0 step (or epoch), upper 21 bits
 *
 * Use keeps samples of different kinds apart, so that a uniform and a normal of one stream never share words.
 */
import { InternalError } from "../core/errors.ts";

/** What a block is drawn for; the numbers are part of the format. */
export const uses = {
  uniform: 0,
  normal: 1,
  truncatedNormal: 2,
  integer: 3,
  permutation: 4,
} as const;
export type Use = keyof typeof uses;

/** Attempts that fit their bits; an attempt follows one whose sample had to be rejected. */
export const maxAttempts = 128;

/**
 * Words 2 and 3 of the counter.
 * @param step - Step or epoch, an integer from 0 to 2^53 - 1.
 * @param attempt - 0 to 127.
 * @throws {InternalError} for a step out of range.
 */
export function stepWords(use: Use, step: number, attempt = 0): readonly [number, number] {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new InternalError(`${step} is no step or epoch`);
  const high = Math.floor(step / 2 ** 32); // below 2^21
  return [step >>> 0, ((uses[use] << 28) | (attempt << 21) | high) >>> 0];
}
