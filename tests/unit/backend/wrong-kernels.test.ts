import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { prepareBackend } from "../../../src/backend/prepare.ts";

test("kernels that compute wrong results on wasm are refused by name", async () => {
  await prepareBackend("wasm");
  const a = tf.ones<tf.Rank.R2>([2, 3]);
  const fused = (): unknown => tf.fused.matMul({ a, b: a, transposeB: true, bias: tf.ones([2]) });
  expect(fused).toThrow("The model uses _FusedMatMul, whose results are wrong on wasm.");
  const pool = (): unknown => tf.maxPool3d(tf.ones<tf.Rank.R5>([1, 2, 2, 2, 1]), 2, 1, "valid");
  expect(pool).toThrow("The model uses MaxPool3D, whose results are wrong on wasm.");
});

test("on cpu the same kernels stay as they are", async () => {
  await prepareBackend("cpu");
  const a = tf.ones<tf.Rank.R2>([2, 3]);
  const fused = tf.fused.matMul({ a, b: a, transposeB: true, bias: tf.ones([2]) });
  expect([...fused.dataSync()]).toEqual([4, 4, 4, 4]);
});
