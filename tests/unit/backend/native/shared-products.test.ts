/** Dense layers whose products are computed in pieces: those of cpu, the same bits each time, and no tensor left. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { NativeBackend } from "../../../../src/backend/native/backend.ts";
import * as operations from "../../../../src/backend/operations.ts";
import { prepareBackend } from "../../../../src/backend/prepare.ts";
import { checksum64 } from "../../../../src/core/checksum.ts";
import { OutOfMemoryError } from "../../../../src/backend/wasm/heap.ts";
import { becomeProcessOf } from "./installed.ts";

/** More than a piece has, with an odd number of rows. */
const [rows, inputs, outputs] = [357, 160, 200];
const floats = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (((i + seed) * 7919) % 1013) / 2_000 - 0.25);

function native(): NativeBackend {
  const backend = tf.backend();
  if (!(backend instanceof NativeBackend)) throw new Error("another backend is in use");
  return backend;
}

type Activation = "none" | "relu" | "gelu";

function following(activation: Activation): { readonly activation?: "relu" | "gelu" } {
  return activation === "none" ? {} : { activation };
}

function worstDifference(found: Float32Array, wanted: Float32Array): number {
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] ?? NaN))), 0);
}

/** The result, and the gradients of its weighted sum; with one layer before it, whose input gradient is asked for, or without. */
function layer(activation: Activation, isFirst = false): Float32Array {
  return valuesOf(() => {
    const [x, w, b, factors] = [
      operations.constant(floats(rows * inputs, 1), [rows, inputs]),
      operations.constant(floats(outputs * inputs, 2), [outputs, inputs]),
      operations.constant(floats(outputs, 3), [outputs]),
      operations.constant(floats(rows * outputs, 4), [rows, outputs]),
    ];
    const loss = (input: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Scalar => {
      const result = operations.dense(input, { weight, bias, ...following(activation) });
      return tf.sum(tf.mul(result, factors));
    };
    const gradients = isFirst
      ? tf.grads((weight: tf.Tensor, bias: tf.Tensor) => loss(x, weight, bias))([w, b])
      : tf.grads(loss)([x, w, b]);
    const result = operations.dense(x, { weight: w, bias: b, ...following(activation) });
    return tf.concat([result, ...gradients].map((one) => tf.reshape(one, [-1])));
  });
}

describe.runIf(becomeProcessOf("native"))("where native is installed", () => {
  const expected = new Map<string, Float32Array>();
  const cases = (["none", "relu", "gelu"] as const).flatMap((activation) =>
    [false, true].map((isFirst) => ({ activation, isFirst })),
  );

  beforeAll(async () => {
    await prepareBackend("cpu");
    for (const { activation, isFirst } of cases)
      expected.set(`${activation} ${isFirst}`, layer(activation, isFirst));
    await prepareBackend("native");
  });

  test.each(cases)(
    "a layer with $activation and its gradients are those of cpu (first: $isFirst)",
    ({ activation, isFirst }) => {
      const run = vi.spyOn(native().keeper.pool, "run");
      const before = [native().numLibraryTensors(), native().keeper.heapFacts().numPassingBytes];
      const found = layer(activation, isFirst);
      const pieces = run.mock.calls.filter(([name]) => name === "libraryProduct");
      run.mockRestore();
      expect(pieces.map(([, numPieces]) => numPieces > 1)).toEqual(pieces.map(() => true));
      expect(pieces.length).toBe(3); // forward twice, and the gradients
      const wanted = expected.get(`${activation} ${isFirst}`) ?? new Float32Array();
      expect(found.length).toBe(wanted.length);
      const worst = worstDifference(found, wanted);
      expect(worst).toBeLessThan(1e-3);
      const again = Array.from({ length: 20 }, () => checksum64(layer(activation, isFirst)));
      expect(new Set(again)).toEqual(new Set([checksum64(found)]));
      expect([native().numLibraryTensors(), native().keeper.heapFacts().numPassingBytes]).toEqual(
        before,
      );
    },
  );

  test.each([
    [false, false],
    [true, false],
    [false, true],
  ])("tf.matMul (transposed: %s, %s) and its gradients are those of cpu", async (first, second) => {
    const product = (): Float32Array =>
      valuesOf(() => {
        const [m, k, n] = [50, 70, 60];
        const a = operations.constant(floats(m * k, 1), first ? [k, m] : [m, k]);
        const b = operations.constant(floats(k * n, 2), second ? [n, k] : [k, n]);
        const multiplied = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
          tf.matMul(x, y, first, second);
        const ofSquares = tf.grads((x, y) => tf.sum(tf.square(multiplied(x, y))));
        const all = [multiplied(a, b), ...ofSquares([a, b])];
        return tf.concat(all.map((one) => tf.reshape(one, [-1])));
      });
    const run = vi.spyOn(native().keeper.pool, "run");
    const found = product();
    const numShared = run.mock.calls.filter(([name]) => name === "libraryProduct").length;
    run.mockRestore();
    expect(numShared).toBe(4); // forward twice, and both gradients
    await prepareBackend("cpu");
    const wanted = product();
    await prepareBackend("native");
    const worst = worstDifference(found, wanted);
    expect(worst).toBeLessThan(1e-3);
  });

  test("where the memory of wasm cannot hold it, the library computes alone", () => {
    const shared = layer("gelu");
    const full = vi.spyOn(native().keeper, "allocate").mockImplementation(() => {
      throw new OutOfMemoryError(64, 4e9, 4e9);
    });
    const alone = layer("gelu");
    expect(full).toHaveBeenCalled();
    full.mockRestore();
    const worst = worstDifference(alone, shared);
    expect(worst).toBeLessThan(1e-3);
  });

  test("with one thread nothing is shared out", async () => {
    await prepareBackend("native", { threads: 1 });
    const run = vi.spyOn(native().keeper.pool, "run");
    layer("none");
    expect(run.mock.calls.map(([name]) => name)).not.toContain("libraryProduct");
    run.mockRestore();
    await prepareBackend("native");
  });
});
