/** Dropout: which elements go, and what that does to gradients. */
import { expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { attention } from "../../../../src/backend/operations-attention.ts";
import * as operations from "../../../../src/backend/operations.ts";
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import { createStreams } from "../../../../src/random/streams.ts";
import { expectClose, gradientsOf } from "../compare.ts";
import * as reference from "../reference.ts";
import { matrix, type Matrix } from "../reference.ts";
import type { ContractBackend } from "./backend.ts";
import { samples, weightedSum } from "./samples.ts";

/** Drawn in the kernel, and the same numbers for a batch and for its parts. */
export function describeDropout({ tolerance }: ContractBackend): void {
  const stream = createStreams(11).stream("dropout/test");
  const site = { rate: 0.25, stream, step: 3, position: 0, numExamples: 8 };
  const ones = (shape: Shape): Tensor =>
    operations.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);

  test("zeroes the given share and scales the rest", () => {
    const values = valuesOf(() => operations.dropout(ones([8, 500]), site));
    const numZeros = values.filter((value) => value === 0).length;
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(Math.abs(numZeros / 4_000 - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 4_000));
  });

  test("draws the same masks for a batch and for its parts", () => {
    const whole = valuesOf(() => operations.dropout(ones([8, 7]), site));
    const parts = [0, 2, 4, 6].flatMap((position) => [
      ...valuesOf(() => operations.dropout(ones([2, 7]), { ...site, position, numExamples: 2 })),
    ]);
    expect(parts).toEqual([...whole]);
  });

  test("of nothing is nothing, and of a million elements the same in parts", () => {
    expect(valuesOf(() => operations.dropoutMask([0, 7], site))).toHaveLength(0);
    const width = 131_101;
    const mask = (position: number, rows: number): Buffer => {
      const options = { ...site, position, numExamples: rows };
      return Buffer.from(valuesOf(() => operations.dropoutMask([rows, width], options)).buffer);
    };
    const parts = Buffer.concat([mask(0, 3), mask(3, 5)]);
    expect(mask(0, 8).equals(parts)).toBe(true);
  });

  test("draws another mask at another step", () => {
    const first = valuesOf(() => operations.dropout(ones([8, 7]), site));
    const second = valuesOf(() => operations.dropout(ones([8, 7]), { ...site, step: 4 }));
    expect(second).not.toEqual(first);
  });

  test("lets the gradient through where the value went through", () => {
    const input = { ...matrix(8, 7, () => 1), shape: [8, 7] };
    const mask = valuesOf(() => operations.dropoutMask([8, 7], site));
    const [gradient = []] = gradientsOf([input], ([tensor = ones([])]) =>
      operations.sum(operations.dropout(tensor, site)),
    );
    expect(Array.from(gradient)).toEqual([...mask]);
  });

  test("is the input itself in evaluation and at the rate 0", () => {
    const input = ones([8, 7]);
    expect(operations.dropout(input, undefined)).toBe(input);
    expect(operations.dropout(input, { ...site, rate: 0 })).toBe(input);
    input.dispose();
  });

  test("inside attention drops weights after the softmax, forwards and backwards", () => {
    const sizes = { batchSize: 2, sequenceLength: 5, numHeads: 2, headSize: 3, lengths: [5, 4] };
    const dropout = { ...site, numExamples: 2 };
    const mask = [...valuesOf(() => operations.dropoutMask([4, 5, 5], dropout))];
    const shape = [10, 6];
    const inputs = samples("attention/dropped", [shape, shape, shape]);
    const [factors = matrix(0, 0, () => 0)] = samples("attention/factors", [shape]);
    const compute = ([query, key, value]: readonly Matrix[]): Matrix => {
      if (!query || !key || !value) throw new Error("attention takes three inputs");
      return reference.attention([query, key, value], { ...sizes, mask });
    };
    const weighted = ({ values }: Matrix): number =>
      values.reduce((sum, value, index) => sum + value * (factors.values[index] ?? NaN), 0);
    const gradients = gradientsOf(
      inputs.map((input) => ({ ...input, shape })),
      ([query, key, value]) => {
        if (!query || !key || !value) throw new Error("attention takes three inputs");
        const lengths = Int32Array.from(sizes.lengths);
        return weightedSum(
          attention({ query, key, value }, { ...sizes, lengths, dropout }),
          factors,
        );
      },
    );
    expect(mask).toContain(0);
    for (const [index, gradient] of gradients.entries()) {
      expectClose(
        gradient,
        reference.slopes(inputs, index, (moved) => weighted(compute(moved))),
        tolerance,
      );
    }
  });
}
