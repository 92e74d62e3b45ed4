/** `tf.*` itself, which users' models call: values against float64 references, and gradients against central differences. */
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { relu } from "../../../../src/backend/operations.ts";
import { expectClose, gradientsOf } from "../compare.ts";
import { slopes, type Nd } from "../reference-tensorflow.ts";
import type { ContractBackend } from "./backend.ts";
import { floatSamples } from "./samples.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";
import { describeNestedGradients } from "./nested-gradients.ts";
import { elementwiseCases } from "./tensorflow-elementwise.ts";
import { describeHuge } from "./tensorflow-huge.ts";
import { layerCases } from "./tensorflow-layers.ts";
import { layoutCases } from "./tensorflow-layout.ts";
import { productCases } from "./tensorflow-products.ts";
import { reductionCases } from "./tensorflow-reductions.ts";
import { resizingCases } from "./tensorflow-resizing.ts";
import { takenCases } from "./tensorflow-taken.ts";
import { windowsCases } from "./tensorflow-windows.ts";

const cases = [
  ...elementwiseCases,
  ...reductionCases,
  ...productCases,
  ...layoutCases,
  ...takenCases,
  ...layerCases,
  ...windowsCases,
  ...resizingCases,
];

/** What does not follow small changes of its input. */
const flatOperations: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ["argMax", (x) => tf.argMax(x)],
  ["argMin", (x) => tf.argMin(x)],
  ["ceil", tf.ceil],
  ["round", tf.round],
  ["sign", tf.sign],
  ["step", (x) => tf.step(x, 0.1)],
  ["zerosLike", tf.zerosLike],
  ["onesLike", tf.onesLike],
  ["isNaN", tf.isNaN],
  ["isFinite", tf.isFinite],
  ["isInf", tf.isInf],
  ["floorDiv", (x) => tf.floorDiv(x, 0.5)],
  ["any", (x) => tf.any(tf.cast(x, "bool"))],
  ["all", (x) => tf.all(tf.cast(x, "bool"))],
  ["a choice by notEqual, less, lessEqual and greaterEqual", compared],
  ["oneHot", (x) => tf.oneHot(tf.cast(x, "int32"), 4)],
];

function compared(x: Tensor): Tensor {
  const either = tf.logicalOr(tf.less(x, 0), tf.greaterEqual(x, 2));
  const both = tf.logicalAnd(tf.lessEqual(x, 1), tf.notEqual(x, 0));
  return tf.where(tf.logicalNot(either), tf.cast(both, "float32"), 3);
}

/** Over odd, empty and broadcast shapes. */
export function describeTensorFlow(backend: ContractBackend): void {
  const { tolerance } = backend;
  describeNestedGradients(backend);

  describe.each(cases)("$title", (operationCase) => {
    testValues(operationCase, tolerance);
    testGradients(operationCase, tolerance);
  });

  test("an operation without a gradient is named, with what to do", () => {
    const compute = (): unknown =>
      gradientsOf([{ values: [2, 3, 4], shape: [1, 1, 1, 3] }], ([x = tf.zeros([])]) =>
        tf.sum(tf.image.rotateWithOffset(x as tf.Tensor4D, 0.5)),
      );
    expect(compute).toThrow(
      "The operation RotateWithOffset of TensorFlow.js has no gradient here.",
    );
  });

  test("pooling of volumes padded by a number is refused, with what to do", () => {
    const compute = (): unknown =>
      gradientsOf([{ values: [2, 3], shape: [1, 1, 1, 2, 1] }], ([x = tf.zeros([])]) =>
        tf.sum(tf.avgPool3d(x as tf.Tensor5D, 2, 1, 1)),
      );
    expect(compute).toThrow("The gradient of tf.avgPool3d with padding by a number is not there.");
  });

  test("only the indices of topk give no gradient", () => {
    const input = { values: [3, 1, 2], shape: [3] };
    const [gradient = []] = gradientsOf([input], ([x = tf.zeros([3])]) =>
      tf.sum(tf.mul(tf.cast(tf.topk(x, 2).indices, "float32"), 2)),
    );
    expect(Array.from(gradient)).toEqual([0, 0, 0]);
  });

  test("integers and truth values that are cast are floats for our operations too", () => {
    const [x, truth] = [tf.tensor([1, -2, 3], [3], "int32"), tf.tensor([1, 0, 1], [3], "bool")];
    const floats = (of: Tensor): Tensor => tf.cast(of, "float32");
    expect(Array.from(valuesOf(() => relu(floats(x))))).toEqual([1, 0, 3]);
    expect(Array.from(valuesOf(() => relu(floats(truth))))).toEqual([1, 0, 1]);
    const product = (): Tensor => tf.matMul(tf.reshape(floats(x), [1, 3]), tf.ones([3, 1]));
    expect(Array.from(valuesOf(product))).toEqual([2]);
    expect(Array.from(x.dataSync())).toEqual([1, -2, 3]);
    tf.dispose([x, truth]);
  });

  test("everything to the power 0 is flat, 0 too", () => {
    const gradients = gradientsOf(
      [{ values: [0, -2, 3, 0, 0], shape: [5] }],
      ([x = tf.zeros([5])]) => tf.sum(tf.pow(x, tf.tensor1d([0, 0, 0, 1, 2]))),
    );
    expect(gradients.map((one) => Array.from(one, Math.abs))).toEqual([[0, 0, 0, 1, 0]]);
  });

  test.each(flatOperations)("%s has the gradient 0", (_name, operation) => {
    const input = { values: [0.3, -1.2, 2.6], shape: [3] };
    const [gradient = []] = gradientsOf([input], ([x = tf.zeros([3])]) =>
      tf.sum(tf.mul(tf.cast(operation(x), "float32"), 2)),
    );
    expect(Array.from(gradient)).toEqual([0, 0, 0]);
  });

  test("equal largest elements share the gradient", () => {
    const input = { values: [3, 1, 3], shape: [3] };
    const [gradient = []] = gradientsOf([input], ([x = tf.zeros([3])]) => tf.max(x));
    expect(Array.from(gradient)).toEqual([0.5, 0, 0.5]);
  });

  describe("a million elements", () => {
    describeHuge();
  });
}

function testValues(
  { shapes, domain, operation, reference }: TensorFlowCase,
  tolerance: number,
): void {
  test("gives the values of the reference, and leaves no tensor", () => {
    const inputs = shapes.map((shape, index) => sample(shape, index, domain));
    const expected = reference(inputs);
    const before = tf.memory().numTensors;
    const actual = tf.tidy(() => {
      const output = operation(
        inputs.map((input) => tf.tensor(Float32Array.from(input.values), [...input.shape])),
      );
      return { shape: output.shape, values: output.dataSync().slice() };
    });
    expect(actual.shape).toEqual(expected.shape);
    expectClose(actual.values, expected.values, tolerance);
    expect(tf.memory().numTensors).toBe(before);
  });
}

function testGradients(
  { shapes, domain, operation, reference }: TensorFlowCase,
  tolerance: number,
): void {
  test("has the gradients that finite differences show, and leaves no tensor", () => {
    const inputs = shapes.map((shape, index) => sample(shape, index, domain));
    const weights = sample(reference(inputs).shape, 99).values;
    const weighted = ({ values }: Nd): number =>
      values.reduce((total, value, index) => total + value * (weights[index] ?? NaN), 0);
    const before = tf.memory().numTensors;
    const gradients = gradientsOf(inputs, (tensors) => {
      const output = operation(tensors);
      return tf.sum(tf.mul(output, tf.tensor(Float32Array.from(weights), output.shape)));
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(gradients).toHaveLength(inputs.length);
    for (const [index, gradient] of gradients.entries()) {
      const expected = slopes(inputs, index, (moved) => weighted(reference(moved)));
      expectClose(gradient, expected, tolerance);
    }
  });
}

/** Normal samples that float32 holds exactly, so that both sides compute with the same numbers. */
function sample(shape: readonly number[], index: number, domain = (value: number) => value): Nd {
  const values = floatSamples(`generic/${index}`, shape);
  return { shape, values: Array.from(values, (value) => Math.fround(domain(value))) };
}
