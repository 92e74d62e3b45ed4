/** Convolution, pooling and batch norm over images: values, gradients, and what is refused. */
import { describe, expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { constant, dense, reshape, sum } from "../../../../src/backend/operations.ts";
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import { expectClose, gradientsOf } from "../compare.ts";
import { describeImageValues } from "./image-values.ts";
import { imageCases, type ImageCase } from "./image-cases.ts";
import { floatSamples } from "./samples.ts";
import type { ContractBackend } from "./backend.ts";
import { matrix, slopes } from "../reference.ts";

export function describeImages({ tolerance }: ContractBackend): void {
  describe.each(imageCases)("$title", (imageCase) => {
    testValues(imageCase, tolerance);
    testGradients(imageCase, tolerance);
  });
  describe("special values", () => {
    describeImageValues(tolerance);
  });
}

function testValues({ title, shapes, operation, reference }: ImageCase, tolerance: number): void {
  test("gives the values of the reference", () => {
    const inputs = samples(title, shapes);
    const actual = valuesOf(() =>
      operation(inputs.map((values, index) => tensorOf(values, shapes[index]))),
    );
    expectClose(actual, reference(inputs), tolerance);
  });
}

function testGradients(
  { title, shapes, operation, reference }: ImageCase,
  tolerance: number,
): void {
  test("has the gradients that finite differences show", () => {
    const inputs = samples(title, shapes);
    const numOutputs = reference(inputs).length;
    const [factors = []] = samples(`${title}/factors`, [[numOutputs]]);
    const weighted = (lists: readonly (readonly number[])[]): number =>
      reference(lists).reduce((total, value, index) => total + value * (factors[index] ?? NaN), 0);
    const named = inputs.map((values, index) => ({ values, shape: shapes[index] ?? [] }));
    const gradients = gradientsOf(named, (tensors) => weightedSum(operation(tensors), factors));
    const rows = inputs.map((values) => matrix(1, values.length, (_, i) => values[i] ?? NaN));
    expect(gradients).toHaveLength(inputs.length);
    for (const [index, gradient] of gradients.entries()) {
      const expected = slopes(rows, index, (moved) => weighted(moved.map(({ values }) => values)));
      expectClose(gradient, expected, tolerance);
    }
  });
}

/** Σ output·factors, so that every element of the output counts differently. */
function weightedSum(output: Tensor, factors: readonly number[]): Tensor {
  const weight = tensorOf(factors, [1, factors.length]);
  const bias = tensorOf([0], [1]);
  return sum(dense(reshape(output, [1, factors.length]), { weight, bias }));
}

function samples(purpose: string, shapes: readonly Shape[]): readonly (readonly number[])[] {
  return shapes.map((shape, index) => [...floatSamples(`images/${purpose}/${index}`, shape)]);
}

function tensorOf(values: readonly number[], shape: Shape = []): Tensor {
  return constant(Float32Array.from(values), shape);
}
