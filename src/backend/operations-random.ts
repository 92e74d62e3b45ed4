/**
 * Random numbers for models of one's own (noise, random flips, crops and masks): constants for the gradients, with the same
 * bits on every backend, thread count and version of Node, since `src/random` draws them and no backend does. What is drawn
 * depends on its place only, so there is no state to save: a training that goes on draws what it would have drawn.
 */
import { tensor } from "@tensorflow/tfjs-core";
import { fillNormal, fillUniform, type SamplePlace } from "../random/samples.ts";
import type { RandomStream } from "../random/streams.ts";
import { checkCount, checkDivides, refused } from "./arguments.ts";
import { sizeOf, type Shape, type Tensor } from "./tensor.ts";

/** Which numbers are meant; `step` and `position` are those of `mode` in training. */
export interface Draw {
  /**
   * `mode.streams.stream("augmentation/noise")`, say: each place of a model needs a name of its own, since equal streams
   * give equal numbers (and `bernoulli` compares those of `uniform`).
   */
  readonly stream: RandomStream;
  /** Optimizer step, a whole number from 0. */
  readonly step: number;
  /**
   * Place of the first example in the whole batch of the step, from 0: so micro-batches draw what the whole batch would.
   * 0 for what all examples of a step share.
   */
  readonly position: number;
  /** How many examples the tensor holds, one after the other: by default its first size, and 1 for the shape []. */
  readonly numExamples?: number;
}

/**
 * Uniform numbers in [from, to), by default [0, 1), in steps of 2^-24 of the width, rounded to float32: that may give `to`
 * itself where the range is narrow against its distance from 0.
 * @param shape - Whole numbers of at least 1, examples first: [batch, width].
 * @param draw - `from` and `to` are finite, `to` not below `from`.
 * @returns A float32 tensor that has no gradient; `dataSync()` gives its numbers.
 * @throws {ExpError} `training` for an argument out of range.
 */
export function uniform(
  shape: Shape,
  draw: Draw & { readonly from?: number; readonly to?: number },
): Tensor {
  const { stream, from = 0, to = 1 } = draw;
  const place = samplePlace("uniform", shape, draw);
  checkFinite("uniform: from", from);
  checkFinite("uniform: to", to);
  if (to < from) throw refused("uniform: to", `is ${to}`, `at least ${from}, which is from`);
  const values = new Float32Array(sizeOf(shape));
  fillUniform(stream, values, place);
  return constantOf(
    shape,
    values.map((value) => from + value * (to - from)),
  );
}

/**
 * Normal numbers, with the mean 0 and the standard deviation 1 where nothing is said.
 * @param shape - As for `uniform`.
 * @param draw - `mean` is finite, `standardDeviation` too and at least 0.
 * @returns As `uniform`.
 * @throws {ExpError} `training` for an argument out of range.
 */
export function normal(
  shape: Shape,
  draw: Draw & { readonly mean?: number; readonly standardDeviation?: number },
): Tensor {
  const { stream, mean = 0, standardDeviation = 1 } = draw;
  const place = samplePlace("normal", shape, draw);
  checkFinite("normal: mean", mean);
  if (!(standardDeviation >= 0 && standardDeviation < Infinity)) {
    const found = `is ${standardDeviation}`;
    throw refused("normal: standardDeviation", found, "a finite number, at least 0");
  }
  const values = new Float32Array(sizeOf(shape));
  fillNormal(stream, values, place);
  return constantOf(
    shape,
    values.map((value) => mean + value * standardDeviation),
  );
}

/**
 * 1 with the given probability, 0 otherwise: a mask, or which examples are to be flipped.
 * @param shape - As for `uniform`.
 * @param draw - `probability` is from 0 (never) to 1 (always); between them it acts as the next multiple of 2^-24 above.
 * @returns As `uniform`.
 * @throws {ExpError} `training` for an argument out of range.
 */
export function bernoulli(shape: Shape, draw: Draw & { readonly probability: number }): Tensor {
  const { stream, probability } = draw;
  const place = samplePlace("bernoulli", shape, draw);
  if (!(probability >= 0 && probability <= 1)) {
    throw refused("bernoulli: probability", `is ${probability}`, "a number from 0 to 1");
  }
  const values = new Float32Array(sizeOf(shape));
  fillUniform(stream, values, place);
  return constantOf(
    shape,
    values.map((value) => (value < probability ? 1 : 0)),
  );
}

/** @param values - Nobody else's: the backend `cpu` keeps the array itself. */
function constantOf(shape: Shape, values: Float32Array): Tensor {
  return tensor(values, [...shape], "float32");
}

/** Numbers of the counter's word for positions. */
const numPositions = 2 ** 32;

/** Checks what all draws have in common: a forgotten step would give equal numbers in each, so it has no default. */
function samplePlace(operation: string, shape: Shape, draw: Draw): SamplePlace {
  const { stream, step, position, numExamples = shape[0] ?? 1 } = draw;
  for (const [axis, size] of shape.entries()) checkCount(`${operation}: shape[${axis}]`, size, 1);
  checkStream(operation, stream);
  checkCount(`${operation}: step`, step, 0);
  if (step > Number.MAX_SAFE_INTEGER) {
    throw refused(`${operation}: step`, `is ${step}`, "at most 2^53 - 1");
  }
  checkCount(`${operation}: position`, position, 0);
  checkCount(`${operation}: numExamples`, numExamples, 1);
  checkDivides(`${operation}: the first size of shape`, shape[0] ?? 1, numExamples);
  if (position + numExamples > numPositions) {
    throw refused(`${operation}: position`, `is ${position}`, "positions below 2^32");
  }
  return { step, position, elementsPerPosition: sizeOf(shape) / numExamples };
}

/** Users may write JavaScript: a name instead of a stream, or the streams themselves. */
function checkStream(operation: string, stream: Partial<RandomStream> | undefined): void {
  if (Array.isArray(stream?.key) && stream.key.length === 2) return;
  const expected = 'one such as mode.streams.stream("augmentation/noise")';
  throw refused(`${operation}: stream`, "is no random stream", expected);
}

function checkFinite(what: string, found: number): void {
  if (!Number.isFinite(found)) throw refused(what, `is ${found}`, "a finite number");
}
