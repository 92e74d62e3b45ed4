/**
 * What every backend must do for code that calls `tf.*` itself: values against float64 references, tensors of a million
 * elements, and no tensor left behind. One file a backend calls `describeGeneric`. Tolerances are those of
 * `operations-contract.ts`.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { BackendName } from "../../../src/backend/choose.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { fillNormal } from "../../../src/random/samples.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { expectClose, gradientsOf } from "./compare.ts";
import { genericCases } from "./generic-cases.ts";
import { sizeOfShape, slopes, type Nd } from "./reference-generic.ts";

const streams = createStreams(13);

export function describeGeneric(name: BackendName): void {
  describe(`tf.* on ${name}`, () => {
    beforeAll(async () => {
      await prepareBackend(name);
    });
    test.each(genericCases)("$title", ({ shapes, domain, operation, reference }) => {
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
      expectClose(actual.values, expected.values);
      expect(tf.memory().numTensors).toBe(before);
    });
    test.each(genericCases)(
      "$title has the gradients that finite differences show",
      ({ shapes, domain, operation, reference }) => {
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
        for (const [index, gradient] of gradients.entries()) {
          expectClose(
            gradient,
            slopes(inputs, index, (moved) => weighted(reference(moved))),
          );
        }
      },
    );
    test("an operation without a gradient is named, with what to do", () => {
      const compute = (): unknown =>
        gradientsOf([{ values: [2, 3], shape: [2] }], ([x = tf.zeros([2])]) => tf.sum(tf.prod(x)));
      expect(compute).toThrow("The operation Prod of TensorFlow.js has no gradient here.");
    });
    describe("a million elements", () => {
      describeHuge();
    });
  });
}

/** Normal samples that float32 holds exactly, so that both sides compute with the same numbers. */
function sample(shape: readonly number[], index: number, domain = (value: number) => value): Nd {
  const values = new Float32Array(sizeOfShape(shape));
  fillNormal(streams.stream(`generic/${index}`), values);
  return { shape, values: Array.from(values, (value) => Math.fround(domain(value))) };
}

/** Whole numbers, whose sums float32 holds exactly up to 2²⁴. */
function describeHuge(): void {
  const [rows, columns] = [1_021, 1_031]; // primes, so that no tile fits
  const whole = Float32Array.from({ length: rows * columns }, (_, index) => (index % 31) - 15);
  const input = (): tf.Tensor2D => tf.tensor2d(whole, [rows, columns]);

  test("are added and multiplied", () => {
    const values = tf.tidy(() => tf.add(tf.mul(input(), input()), input()).dataSync());
    expect(
      values.every((value, index) => value === (whole[index] ?? NaN) ** 2 + (whole[index] ?? NaN)),
    ).toBe(true);
  });

  test("are summed over all, over rows and over columns", () => {
    const byRow = new Float64Array(rows);
    const byColumn = new Float64Array(columns);
    for (const [index, value] of whole.entries()) {
      const [row, column] = [Math.floor(index / columns), index % columns];
      byRow[row] = (byRow[row] ?? NaN) + value;
      byColumn[column] = (byColumn[column] ?? NaN) + value;
    }
    const sums = (axis?: number): number[] => tf.tidy(() => [...tf.sum(input(), axis).dataSync()]);
    expect(sums(1)).toEqual([...byRow]);
    expect(sums(0)).toEqual([...byColumn]);
    expect(sums()).toEqual([byRow.reduce((a, b) => a + b, 0)]);
  });

  test("are transposed", () => {
    const values = tf.tidy(() => tf.transpose(input()).dataSync());
    const isRight = values.every(
      (value, index) => value === whole[(index % rows) * columns + Math.floor(index / rows)],
    );
    expect(isRight).toBe(true);
  });

  test("are multiplied as matrices with every transpose, in sizes that no tile fits", () => {
    const [m, k, n] = [131, 1_031, 67];
    const left = Float32Array.from({ length: m * k }, (_, index) => (index % 7) - 3);
    const right = Float32Array.from({ length: k * n }, (_, index) => (index % 5) - 2);
    const expected = new Float64Array(m * n);
    for (let row = 0; row < m; row++) {
      for (let inner = 0; inner < k; inner++) {
        const factor = left[row * k + inner] ?? NaN;
        for (let column = 0; column < n; column++) {
          const at = row * n + column;
          expected[at] = (expected[at] ?? NaN) + factor * (right[inner * n + column] ?? NaN);
        }
      }
    }
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const actual = tf.tidy(() => {
        const [a, b] = [tf.tensor2d(left, [m, k]), tf.tensor2d(right, [k, n])];
        const [first, second] = [
          transposeA ? tf.transpose(a) : a,
          transposeB ? tf.transpose(b) : b,
        ];
        return tf.matMul(first, second, transposeA, transposeB).dataSync();
      });
      expect([...actual], `${transposeA} ${transposeB}`).toEqual([...expected]);
    }
  });
}
