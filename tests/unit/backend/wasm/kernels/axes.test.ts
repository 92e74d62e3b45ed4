import { tensor, tidy, transpose } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { prepareBackend } from "../../../../../src/backend/prepare.ts";
import { sizeOf } from "../../../../../src/backend/tensor.ts";
import { exchangeOf } from "../../../../../src/backend/wasm/kernels/axes.ts";
import { floatsFrom } from "../parts.ts";

const cases: readonly (readonly [shape: readonly number[], order: readonly number[]])[] = [
  [
    [33, 70],
    [1, 0],
  ],
  [
    [3, 130, 41],
    [0, 2, 1],
  ],
  [
    [3, 5, 7, 11],
    [0, 2, 1, 3],
  ], // heads of attention
  [
    [4, 20, 30, 6],
    [0, 3, 1, 2],
  ],
  [
    [4, 6, 20, 30],
    [0, 2, 3, 1],
  ],
  [
    [5, 1, 40, 9],
    [2, 1, 0, 3],
  ],
  [
    [2, 3, 4, 5, 6],
    [0, 3, 4, 1, 2],
  ],
  [
    [2, 3, 4],
    [2, 1, 0],
  ], // no exchange of two runs
  [
    [2, 3, 4],
    [0, 1, 2],
  ],
  [
    [0, 3],
    [1, 0],
  ],
];

test.each(cases)("%o in the order %o is that of TensorFlow.js", async (shape, order) => {
  const values = floatsFrom(sizeOf(shape));
  const transposed = (): { readonly shape: readonly number[]; readonly values: Float32Array } => {
    const result = tidy(() => transpose(tensor(values.slice(), [...shape], "float32"), [...order]));
    const own = { shape: result.shape, values: Float32Array.from(result.dataSync()) };
    result.dispose();
    return own;
  };
  await prepareBackend("cpu");
  const expected = transposed();
  for (const threads of [1, 3]) {
    await prepareBackend("wasm", { threads });
    expect(transposed()).toEqual(expected);
  }
});

test("axes that stay beside the two runs, and those of one element, are told apart", () => {
  expect(exchangeOf([3, 5, 7, 11], [0, 2, 1, 3])).toEqual({
    matrices: 3,
    rows: 5,
    columns: 7,
    width: 11,
  });
  expect(exchangeOf([5, 1, 7], [2, 1, 0])).toEqual({ matrices: 1, rows: 5, columns: 7, width: 1 });
  expect(exchangeOf([2, 3, 4], [2, 1, 0])).toBeUndefined();
  expect(exchangeOf([2, 3], [0, 1])).toBeUndefined();
});
