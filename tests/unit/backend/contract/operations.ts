/** Each operation's values against float64 references, and its gradients against central differences of those. */
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { differentiable } from "../../../../src/backend/differentiable.ts";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import * as operations from "../../../../src/backend/operations.ts";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import { expectClose, gradientsOf } from "../compare.ts";
import { slopes, type Matrix } from "../reference.ts";
import type { ContractBackend } from "./backend.ts";
import { diamondCases } from "./diamond-cases.ts";
import type { OperationCase } from "./operation-case.ts";
import { operationCases } from "./operation-cases.ts";
import { sequenceCases } from "./sequence-cases.ts";
import { samples, tensorOf, weightedSum } from "./samples.ts";

/** Over odd shapes. */
export function describeOperations({ tolerance }: ContractBackend): void {
  describe.each([...operationCases, ...diamondCases, ...sequenceCases])(
    "$title",
    (operationCase) => {
      testValues(operationCase, tolerance);
      testGradients(operationCase, tolerance);
    },
  );
  describe("gradients of several uses", () => {
    describeSharedGradients();
  });
}

function testValues(
  { title, shapes, operation, reference }: OperationCase,
  tolerance: number,
): void {
  test("gives the values of the reference", () => {
    const inputs = samples(title, shapes);
    const actual = valuesOf(() =>
      operation(inputs.map((input, index) => tensorOf(input, shapes[index]))),
    );
    expectClose(actual, reference(inputs).values, tolerance);
  });
}

function testGradients(
  { title, shapes, operation, reference: compute }: OperationCase,
  tolerance: number,
): void {
  test("has the gradients that finite differences show", () => {
    const inputs = samples(title, shapes);
    const output = compute(inputs);
    const [factors = output] = samples(`${title}/factors`, [[output.rows, output.columns]]);
    const weighted = ({ values }: Matrix): number =>
      values.reduce((sum, value, index) => sum + value * (factors.values[index] ?? NaN), 0);
    const named = inputs.map((input, index) => ({ ...input, shape: shapes[index] ?? [] }));
    const gradients = gradientsOf(named, (tensors) => weightedSum(operation(tensors), factors));
    expect(gradients).toHaveLength(inputs.length);
    for (const [index, gradient] of gradients.entries()) {
      expectClose(
        gradient,
        slopes(inputs, index, (moved) => weighted(compute(moved))),
        tolerance,
      );
    }
  });
}

function describeSharedGradients(): void {
  const input = { values: [1, 2], shape: [2] };

  test.each([
    ["the gradient of its value for every input", "outputGradient"],
    ["a tensor that it keeps", "kept"],
  ] as const)("a gradient may give %s", (_name, handed) => {
    const shared = (x: Tensor): Tensor =>
      differentiable([x, x], () => ({
        value: tf.add(x, x),
        kept: { ones: tf.ones(x.shape) },
        gradient: (outputGradient, { ones }) => {
          const given = handed === "kept" ? ones : outputGradient;
          return [given, given];
        },
      }));
    const before = tf.memory().numTensors;
    const [gradient = []] = gradientsOf([input], ([x = tf.zeros([2])]) =>
      operations.sum(operations.add(shared(x), operations.add(shared(x), x))),
    );
    expect(Array.from(gradient)).toEqual([5, 5]);
    expect(tf.memory().numTensors).toBe(before);
  });
}
