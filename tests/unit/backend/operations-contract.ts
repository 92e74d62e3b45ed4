/**
 * What every backend must do: each operation's values against float64 references, and its gradients against central
 * differences of those references. One file a backend calls `describeOperations`.
 *
 * Tolerance 2e-5 of the largest value: float32 has 6e-8, and the longest sums here (70 products in float32, followed by a
 * softmax) lose two digits at most. Central differences in float64 with step 1e-5 add about 1e-9.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { BackendName } from "../../../src/backend/choose.ts";
import { differentiable } from "../../../src/backend/differentiable.ts";
import { valuesOf } from "../../../src/backend/gradients.ts";
import { attention } from "../../../src/backend/operations-attention.ts";
import { softmaxCrossEntropy } from "../../../src/backend/operations-loss.ts";
import * as operations from "../../../src/backend/operations.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { type Shape, type Tensor } from "../../../src/backend/tensor.ts";
import { fillNormal } from "../../../src/random/samples.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { operationCases, type OperationCase } from "./operation-cases.ts";
import { expectClose, gradientsOf } from "./compare.ts";
import * as reference from "./reference.ts";
import { matrix, type Matrix } from "./reference.ts";

const streams = createStreams(11);

export function describeOperations(name: BackendName): void {
  describe(`operations on ${name}`, () => {
    beforeAll(async () => {
      await prepareBackend(name);
    });
    describe.each(operationCases)("$title", (operationCase) => {
      testValues(operationCase);
      testGradients(operationCase);
    });
    describe("gradients of several uses", () => {
      describeSharedGradients();
    });
    describe("dropout", () => {
      describeDropout();
    });
    describe("special values", () => {
      describeSpecialValues();
    });
    describe("matrix multiplication", () => {
      describeMatMul();
    });
  });
}

function testValues({ title, shapes, operation, reference }: OperationCase): void {
  test("gives the values of the reference", () => {
    const inputs = samples(title, shapes);
    const actual = valuesOf(() =>
      operation(inputs.map((input, index) => tensorOf(input, shapes[index]))),
    );
    expectClose(actual, reference(inputs).values);
  });
}

function testGradients({ title, shapes, operation, reference: compute }: OperationCase): void {
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
        reference.slopes(inputs, index, (moved) => weighted(compute(moved))),
      );
    }
  });
}

/** Σ output·factors, so that every element of the output counts differently. */
function weightedSum(output: Tensor, factors: Matrix): Tensor {
  const weights = tf.tensor(Float32Array.from(factors.values), output.shape);
  return differentiable([output], () => ({
    value: tf.sum(tf.mul(output, weights)),
    kept: { weights },
    gradient: (dy, kept) => [tf.mul(kept.weights, dy)],
  }));
}

/** Normal samples that float32 holds exactly, so that both sides compute with the same numbers. */
function samples(purpose: string, shapes: readonly Shape[]): readonly Matrix[] {
  return shapes.map((shape, index) => {
    const columns = shape.at(-1) ?? 1;
    const rows = shape.length < 2 ? 1 : (shape[0] ?? 1);
    const values = new Float32Array(rows * columns);
    fillNormal(streams.stream(`${purpose}/${index}`.replaceAll(/\/+/g, "/")), values);
    return matrix(rows, columns, (row, column) => values[row * columns + column] ?? NaN);
  });
}

function tensorOf({ values }: Matrix, shape: Shape = []): Tensor {
  return operations.constant(Float32Array.from(values), shape);
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

function describeDropout(): void {
  const stream = streams.stream("dropout/test");
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
      );
    }
  });
}

function describeSpecialValues(): void {
  const row = (...values: number[]): Tensor =>
    operations.constant(Float32Array.from(values), [1, values.length]);

  test("NaN stays NaN in every activation", () => {
    for (const activation of [operations.relu, operations.gelu, operations.tanh]) {
      expect([...valuesOf(() => activation(row(NaN, 1)))]).toEqual([NaN, expect.any(Number)]);
    }
  });

  test("activations have their limits far from 0", () => {
    const [least = NaN, small = NaN, ...rest] = valuesOf(() =>
      operations.gelu(row(-100, -8, 0, 8, 100)),
    );
    expect(least).toBe(-0);
    expect(Math.abs(small)).toBeLessThan(1e-14); // the value is -5e-15
    expect(rest).toEqual([0, 8, 100]);
    expect([...valuesOf(() => operations.tanh(row(-100, 0, 100)))]).toEqual([-1, 0, 1]);
  });

  test("a loss of huge logits is finite and exact", () => {
    const loss = (label: number): number | undefined =>
      valuesOf(() =>
        softmaxCrossEntropy(row(1e4, -1e4), Int32Array.of(label), {
          labelSmoothing: 0,
          divisor: 1,
        }),
      )[0];
    expect(loss(0)).toBe(0);
    expect(loss(1)).toBe(20_000);
  });

  test("a loss over NaN is NaN, so that a diverged run is seen", () => {
    const options = { labelSmoothing: 0, divisor: 1 };
    const loss = valuesOf(() => softmaxCrossEntropy(row(NaN, 0), Int32Array.of(0), options));
    expect([...loss]).toEqual([NaN]);
  });

  test("losses of micro-batches add up to the loss of the whole batch", () => {
    const [logits = matrix(0, 0, () => 0)] = samples("loss/parts", [[6, 3]]);
    const labels = Int32Array.of(0, 1, 2, 2, 1, 0);
    const options = { labelSmoothing: 0.1, divisor: 6 };
    const loss = (from: number, to: number): number => {
      const values = Float32Array.from(logits.values.slice(3 * from, 3 * to));
      const input = (): Tensor => operations.constant(values, [to - from, 3]);
      return (
        valuesOf(() => softmaxCrossEntropy(input(), labels.slice(from, to), options))[0] ?? NaN
      );
    };
    expect(loss(0, 2) + loss(2, 6)).toBeCloseTo(loss(0, 6), 6);
  });

  test("an id outside of the table is refused", () => {
    const lookUp = (id: number): Float32Array =>
      valuesOf(() =>
        operations.embedding(operations.constant(new Float32Array(6), [3, 2]), Int32Array.of(id)),
      );
    expect(() => lookUp(3)).toThrow("id 3 is outside of a table with 3 entries");
    expect(() => lookUp(-1)).toThrow("id -1 is outside of a table with 3 entries");
  });

  test("a label outside of the classes is refused", () => {
    const options = { labelSmoothing: 0, divisor: 1 };
    expect(() => valuesOf(() => softmaxCrossEntropy(row(0, 1), Int32Array.of(2), options))).toThrow(
      "labels do not fit",
    );
  });
}

function describeMatMul(): void {
  const size = fc.integer({ min: 1, max: 60 });
  const batches = fc.constantFrom<readonly [number[], number[]]>(
    [[], []],
    [[1], [1]],
    [[3], [3]],
    [[1], [4]],
    [
      [2, 1],
      [2, 3],
    ],
    [[2], []],
  );

  test("equals the reference for all transposes, batches and sizes", () => {
    const product = fc.record({
      rows: size,
      inner: size,
      columns: size,
      batch: batches,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    });
    fc.assert(
      fc.property(product, ({ rows, inner, columns, batch, transposeA, transposeB }) => {
        const [leftBatch, rightBatch] = batch;
        const left = transposeA ? [inner, rows] : [rows, inner];
        const right = transposeB ? [columns, inner] : [inner, columns];
        const a = randomTensor("a", [...leftBatch, ...left]);
        const b = randomTensor("b", [...rightBatch, ...right]);
        const actual = tf.tidy(() => tf.matMul(a, b, transposeA, transposeB).dataSync());
        expectClose(actual, matMulReference(a, b, { transposeA, transposeB }));
        tf.dispose([a, b]);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  test("over no elements is zeros", () => {
    const product = tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3]));
    expect([...product.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(tf.matMul(tf.zeros([0, 2]), tf.zeros([2, 3])).shape).toEqual([0, 3]);
  });
}

function randomTensor(purpose: string, shape: readonly number[]): Tensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillNormal(streams.stream(`matmul/${purpose}`), values);
  return tf.tensor(values, [...shape]);
}

/** By nested lists, which `arraySync` gives and which know nothing of strides. */
function matMulReference(
  a: Tensor,
  b: Tensor,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): number[] {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(
    a.shape.slice(0, -2),
    b.shape.slice(0, -2),
  );
  const [lefts, rights] = [a, b].map((tensor) => {
    const whole = tf.broadcastTo(tensor, [...batch, ...tensor.shape.slice(-2)]);
    return tf.reshape(whole, [-1, ...tensor.shape.slice(-2)]).arraySync() as number[][][];
  });
  return (lefts ?? []).flatMap((left, index) => {
    const right = rights?.[index] ?? [];
    const l = matrix(
      left.length,
      left[0]?.length ?? 0,
      (row, column) => left[row]?.[column] ?? NaN,
    );
    const r = matrix(
      right.length,
      right[0]?.length ?? 0,
      (row, column) => right[row]?.[column] ?? NaN,
    );
    const product = reference.multiply(
      transposeA ? reference.transposed(l) : l,
      transposeB ? reference.transposed(r) : r,
    );
    return [...product.values];
  });
}
