/** Matrix multiplication over random sizes, with every transpose and batch. */
import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import { expectClose } from "../compare.ts";
import * as reference from "../reference.ts";
import { matrix } from "../reference.ts";
import type { ContractBackend } from "./backend.ts";
import { floatSamples } from "./samples.ts";

/** `tf.matMul`, which users and our own operations call. */
export function describeMatMul({ tolerance }: ContractBackend): void {
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
        expectClose(actual, matMulReference(a, b, { transposeA, transposeB }), tolerance);
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

function randomTensor(purpose: string, shape: Shape): Tensor {
  return tf.tensor(floatSamples(`matmul/${purpose}`, shape), [...shape]);
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
