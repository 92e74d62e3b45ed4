import { expect, test } from "vitest";
import {
  attentionBackward,
  attentionForward,
} from "../../../../../src/backend/kernels/attention.ts";
import { floatsFrom } from "../parts.ts";
import { outputsOf, type Values } from "./both.ts";

const [batchSize, numHeads, headSize] = [2, 2, 3];

/** More positions than a block of products holds, and fewer. */
test.each([300, 13])(
  "causal attention over %i positions has the outputs and gradients of the loop",
  async (sequenceLength) => {
    const shape = [batchSize * sequenceLength, numHeads * headSize];
    const size = batchSize * sequenceLength * numHeads * headSize;
    const values = floatsFrom(4 * size);
    const part = (index: number): Values => ({
      values: values.slice(index * size, (index + 1) * size),
      shape,
    });
    const inputs = { query: part(0), key: part(1), value: part(2) };
    const sizes = {
      batchSize,
      sequenceLength,
      numHeads,
      headSize,
      scale: 0.5,
      causal: true,
      isTogether: false,
    };
    const lengths = { values: Int32Array.of(sequenceLength, 7), shape: [batchSize] };
    const forward = {
      inputs: { ...inputs, lengths },
      attributes: { ...sizes, dropout: undefined },
    };
    const [output, weights] = await outputsOf(
      { backend: "cpu", threads: 1 },
      attentionForward,
      forward,
    );
    const square = [batchSize * numHeads, sequenceLength, sequenceLength];
    const ofLoop = { values: weights ?? new Float32Array(), shape: square };
    const backward = {
      inputs: { ...inputs, weights: ofLoop, dropped: ofLoop, outputGradient: part(3) },
      attributes: { ...sizes, dropoutFactor: 1 },
    };
    const gradients = await outputsOf({ backend: "cpu", threads: 1 }, attentionBackward, backward);
    for (const threads of [1, 2]) {
      const place = { backend: "wasm", threads } as const;
      const [fastOutput, fastWeights] = await outputsOf(place, attentionForward, forward);
      expect(difference([fastOutput, fastWeights], [output, weights])).toBeLessThan(1e-5);
      const fastGradients = await outputsOf(place, attentionBackward, backward);
      expect(difference(fastGradients, gradients)).toBeLessThan(1e-5);
    }
  },
  60_000,
);

/** The largest, relative to the largest value of its array; Infinity where something is missing. */
function difference(
  actual: readonly (Float32Array | undefined)[],
  expected: readonly (Float32Array | undefined)[],
): number {
  let largest = 0;
  for (const [index, values] of expected.entries()) {
    const scale = values?.reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? 0;
    for (const [at, value] of (values ?? [Infinity]).entries()) {
      const error = Math.abs((actual[index]?.[at] ?? NaN) - value) / scale;
      largest = Number.isNaN(error) ? Infinity : Math.max(largest, error);
    }
  }
  return largest;
}
