/** `tf.*` over more elements than any block or tile has. */
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

/** Whole numbers, whose sums float32 holds exactly up to 2²⁴. */
export function describeHuge(): void {
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
