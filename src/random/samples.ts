/**
 * Samples of a stream, each a pure function of (step, position of the example in the whole batch, element). A batch
 * that is drawn in parts, by position, therefore holds exactly what it would hold drawn at once.
 */
import { InternalError } from "../core/errors.ts";
import { maxAttempts, stepWords, type Use } from "./counter.ts";
import { philox4x32 } from "./philox.ts";
import type { RandomStream } from "./streams.ts";
import { wasmExports } from "./wasm-module.ts";

/** Which samples are meant. */
export interface SamplePlace {
  /** Optimizer step, or 0 for what is drawn once a run. */
  readonly step: number;
  /** Place of the first example in the whole batch of the step. */
  readonly position: number;
  /** Samples of one example; `out` holds a whole number of examples. */
  readonly elementsPerPosition: number;
}

/** What rejected samples lie beyond, in standard deviations. */
const truncation = 2;

const maxWord = 0xffff_ffff;

/**
 * Fills `out` with uniforms in [0, 1): multiples of 2^-24, exact in float32.
 * @param out - Example p of it, [p · elementsPerPosition, (p + 1) · elementsPerPosition), is position `at.position + p`.
 * @throws {InternalError} when `out` is no whole number of examples, or a place does not fit the counter.
 */
export function fillUniform(stream: RandomStream, out: Float32Array, at: SamplePlace): void {
  const { fillUniform } = wasmExports();
  fill("uniform", { stream, out, at, fillRows: fillUniform });
}

/**
 * Fills `out` with samples of the standard normal distribution (mean 0, standard deviation 1).
 * @param at - Where nothing is said: step 0, and all of `out` as one position. So are parameters initialised.
 * @throws {InternalError} as `fillUniform` does.
 */
export function fillNormal(
  stream: RandomStream,
  out: Float32Array,
  at: SamplePlace = { step: 0, position: 0, elementsPerPosition: out.length },
): void {
  const { fillNormal } = wasmExports();
  const fillRows: FillRows = (...rows) => fillNormal(...rows, Infinity);
  fill("normal", { stream, out, at, fillRows });
}

/**
 * Fills `out` with samples of the standard normal distribution cut at ±2: what lies beyond is drawn again, which
 * leaves a standard deviation of 0.8796. Multiply by the scale that is wanted.
 * @param at - As for `fillNormal`.
 * @throws {InternalError} as `fillUniform` does.
 */
export function fillTruncatedNormal(
  stream: RandomStream,
  out: Float32Array,
  at: SamplePlace = { step: 0, position: 0, elementsPerPosition: out.length },
): void {
  const { fillNormal } = wasmExports();
  const fillRows: FillRows = (...rows) => fillNormal(...rows, truncation);
  fill("truncatedNormal", { stream, out, at, fillRows });
}

/**
 * An integer from 0 to `bound` - 1, each exactly as likely as the others.
 * @param bound - 1 to 2^32.
 * @param at - Element 0 to 2^32 - 1 at a step and position.
 * @throws {InternalError} for a bound or a place out of range.
 * @see Knuth, "The Art of Computer Programming" 2, section 3.4.1: rejection of the incomplete last interval.
 */
export function integerBelow(
  stream: RandomStream,
  bound: number,
  at: { readonly step: number; readonly position: number; readonly element: number },
): number {
  const isBound = Number.isSafeInteger(bound) && bound >= 1 && bound <= 2 ** 32;
  if (!isBound) throw new InternalError(`${bound} is no bound of random integers`);
  checkWord(at.position);
  checkWord(at.element);
  const end = 2 ** 32 - (2 ** 32 % bound);
  const words = new Uint32Array(4);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const [word2, word3] = stepWords("integer", at.step, attempt);
    philox4x32([at.element, at.position, word2, word3], stream.key, words);
    const word = words.find((candidate) => candidate < end);
    if (word !== undefined) return word % bound;
  }
  throw new InternalError("512 random words in a row were rejected"); // a chance below 2^-512
}

type FillRows = (
  ...rows: readonly [firstBlock: number, firstPosition: number, numRows: number, length: number]
) => void;

interface Filling {
  readonly stream: RandomStream;
  readonly out: Float32Array;
  readonly at: SamplePlace;
  readonly fillRows: FillRows;
}

/** Cuts what is asked for into pieces that fit the buffer of the WebAssembly module, and copies them out. */
function fill(use: Use, { stream, out, at, fillRows }: Filling): void {
  if (out.length === 0) return;
  const length = at.elementsPerPosition;
  const numPositions = out.length / length;
  if (!Number.isSafeInteger(numPositions) || numPositions < 1) {
    throw new InternalError(`${out.length} samples are no whole number of examples of ${length}`);
  }
  checkWord(at.position);
  checkWord(at.position + numPositions - 1);
  const { capacity, select } = wasmExports();
  select(...stepWords(use, at.step), ...stream.key);
  const rowsAtOnce = Math.max(1, Math.floor(capacity.value / length));
  for (let row = 0; row < numPositions; row += rowsAtOnce) {
    const numRows = Math.min(rowsAtOnce, numPositions - row);
    for (let element = 0; element < length; element += capacity.value) {
      const rowLength = Math.min(capacity.value, length - element);
      fillRows(element / 4, at.position + row, numRows, rowLength);
      copyOut(out, row * length + element, numRows * rowLength);
    }
  }
}

function copyOut(out: Float32Array, start: number, count: number): void {
  const { memory, buffer } = wasmExports();
  out.set(new Float32Array(memory.buffer, buffer.value, count), start);
}

function checkWord(value: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= maxWord) return;
  throw new InternalError(`${value} does not fit a word of the random counter`);
}
