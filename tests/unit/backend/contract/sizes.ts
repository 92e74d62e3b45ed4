/**
 * Every operation over no elements and over more than a million. A small block of rows is repeated: then outputs and their
 * gradients repeat as well, and the gradients of what all rows share are multiples of those of the block.
 */
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { reshape } from "../../../../src/backend/operations.ts";
import { sizeOf, type Shape, type Tensor } from "../../../../src/backend/tensor.ts";
import { expectClose, gradientsOf } from "../compare.ts";
import { matrix, slopes } from "../reference.ts";
import type { ContractBackend } from "./backend.ts";
import { floatSamples } from "./samples.ts";
import type { RepeatedCase } from "./size-case.ts";
import { repeatedCases } from "./size-cases.ts";

const numElements = 1_050_000;
/** What a sum in float32 may lose with each of its terms, as a share; 6e-8 at worst, with all terms of one sign. */
const lossOfTerm = 3e-9;

/** No rows, and as many as make a million elements. */
export function describeSizes({ tolerance }: ContractBackend): void {
  const defined = repeatedCases.filter(({ isDefinedForNone }) => isDefinedForNone);
  test.each(defined)("$title of no rows gives none, and gradients of 0", (one) => {
    expectMultiple(one, 0, tolerance);
  });
  test.each(repeatedCases)("$title of a million elements gives what its blocks give", (one) => {
    const block = sizeOf(one.repeated[0] ?? []);
    expectMultiple(one, Math.ceil(numElements / block), tolerance);
  });
}

function expectMultiple(one: RepeatedCase, count: number, tolerance: number): void {
  const blocks = [...one.repeated, ...one.shared].map((shape, index) => [
    ...floatSamples(`sizes/${one.title}/${index}`, shape),
  ]);
  const isRepeated = (index: number): boolean => index < one.repeated.length;
  const inputs = [...one.repeated, ...one.shared].map((shape, index) => {
    const values = blocks[index] ?? [];
    if (!isRepeated(index)) return { values, shape };
    const [rows = 0, ...rest] = shape;
    return { values: repeat(values, count), shape: [rows * count, ...rest] };
  });
  const small = one.reference(blocks);
  const expected = one.isSummed ? small.map((value) => value * count) : repeat(small, count);
  const output = valuesOf(() =>
    one.operation(
      inputs.map(({ values, shape }) => tensorOf(values, shape)),
      count,
    ),
  );
  expectClose(output, expected, tolerance);

  const weights = [...floatSamples("sizes/weights", [small.length])];
  const all = one.isSummed ? weights : repeat(weights, count);
  const gradients = gradientsOf(inputs, (tensors) => weighted(one.operation(tensors, count), all));
  const weightedSmall = (lists: readonly (readonly number[])[]): number =>
    one.reference(lists).reduce((sum, value, i) => sum + value * (weights[i] ?? NaN), 0);
  const matrices = blocks.map((values) => matrix(1, values.length, (_, i) => values[i] ?? NaN));
  expect(gradients).toHaveLength(inputs.length);
  for (const [index, gradient] of gradients.entries()) {
    const own = slopes(matrices, index, (moved) => weightedSmall(moved.map((m) => m.values)));
    const whole = isRepeated(index) ? repeat(own, count) : own.map((value) => value * count);
    const loss = isRepeated(index) ? 0 : lossOfTerm * (inputs[0]?.values.length ?? 0);
    expectClose(gradient, whole, tolerance + loss);
  }
}

function repeat(values: readonly number[], count: number): number[] {
  return Array.from({ length: values.length * count }, (_, i) => values[i % values.length] ?? NaN);
}

function tensorOf(values: readonly number[], shape: Shape): Tensor {
  return tf.tensor(Float32Array.from(values), [...shape], "float32");
}

/** Σ output·weights, by operations of TensorFlow.js, which have gradients. */
function weighted(output: Tensor, weights: readonly number[]): Tensor {
  return tf.sum(tf.mul(reshape(output, [weights.length]), tensorOf(weights, [weights.length])));
}
