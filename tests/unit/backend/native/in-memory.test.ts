import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { NativeBackend } from "../../../../src/backend/native/backend.ts";
import * as operations from "../../../../src/backend/operations.ts";
import { prepareBackend } from "../../../../src/backend/prepare.ts";
import { becomeProcessOf } from "./installed.ts";

/** More than go by way of JavaScript. */
const shape = [61, 43] as const;
const size = 61 * 43;
const numbers = Float32Array.from({ length: size }, (_, i) => ((i * 7) % 31) / 8 - 2);

function native(): NativeBackend {
  const backend = tf.backend();
  if (!(backend instanceof NativeBackend)) throw new Error("another backend is in use");
  return backend;
}

describe.runIf(becomeProcessOf("native"))("where native is installed", () => {
  beforeAll(async () => {
    await prepareBackend("native");
  });

  test.each(["the same order", "another shape and the same order"])(
    "a result in %s outlives its input, in whose memory the library left it",
    (what) => {
      const input = tf.tidy(() => operations.relu(operations.constant(numbers, shape)));
      expect(native().isInMemory(input)).toBe(true);
      const expected = numbers.map((value) => Math.max(value, 0));
      const given = what.startsWith("another") ? tf.reshape(input, [43, 61]) : input;
      const result = tf.transpose(given, [0, 1]);
      given.dispose();
      input.dispose();
      const later = operations.relu(operations.constant(new Float32Array(size).fill(9), shape));
      expect(result.dataSync()).toEqual(expected);
      result.dispose();
      later.dispose();
    },
  );

  test("values go from the library to the memory of wasm and back, and nothing is left in either", () => {
    const before = [native().numLibraryTensors(), native().keeper.heapFacts().numPassingBytes];
    const values = valuesOf(() => {
      const input = operations.constant(numbers, shape);
      const product = tf.neg(tf.neg(input)); // in the library
      expect(native().isInMemory(product)).toBe(false);
      const positive = operations.relu(product); // in the memory
      expect(native().isInMemory(positive)).toBe(true);
      return tf.neg(tf.neg(positive));
    });
    expect(values).toEqual(numbers.map((value) => Math.max(value, 0)));
    const after = [native().numLibraryTensors(), native().keeper.heapFacts().numPassingBytes];
    expect(after).toEqual(before);
  });

  test("a dense layer with GELU is that of cpu, with widths that fill no vector", async () => {
    const compute = (): Float32Array =>
      valuesOf(() =>
        operations.dense(operations.constant(numbers, shape), {
          weight: operations.constant(numbers.subarray(0, 30 * 43), [30, 43]),
          bias: operations.constant(numbers.subarray(5, 35), [30]),
          activation: "gelu",
        }),
      );
    const found = compute();
    await prepareBackend("cpu");
    const expected = compute();
    await prepareBackend("native");
    for (const [index, value] of found.entries())
      expect(value).toBeCloseTo(expected[index] ?? NaN, 3);
  });
});
