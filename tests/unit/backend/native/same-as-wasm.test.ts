import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { NativeBackend } from "../../../../src/backend/native/backend.ts";
import * as operations from "../../../../src/backend/operations.ts";
import { prepareBackend } from "../../../../src/backend/prepare.ts";
import { checksum64 } from "../../../../src/core/checksum.ts";
import { createStreams } from "../../../../src/random/streams.ts";
import { maxPool2d } from "../../../../src/backend/operations-image.ts";
import { OutOfMemoryError } from "../../../../src/backend/wasm/heap.ts";
import { comparedCases, openCase, type ModelCase } from "../../../compare/models.ts";
import { becomeProcessOf } from "./installed.ts";

const stream = createStreams(5).stream("dropout/same");
const site = { rate: 0.1, stream, step: 7, position: 24, numExamples: 6 };

describe.runIf(becomeProcessOf("native"))("where native is installed", () => {
  const masks: string[] = [];

  beforeAll(async () => {
    for (const name of ["wasm", "native", "cpu"] as const) {
      await prepareBackend(name);
      masks.push(checksum64(valuesOf(() => operations.dropoutMask([6, 50, 31], site))));
    }
  });

  test("masks of dropout are those of wasm and cpu, bit for bit", () => {
    expect(new Set(masks).size).toBe(1);
  });

  test.each(comparedCases)(
    "what training of $name begins with is that of wasm, bit for bit",
    async (modelCase) => {
      const [native, wasm] = [
        await firstValues(modelCase, "native"),
        await firstValues(modelCase, "wasm"),
      ];
      expect(native).toEqual(wasm);
      expect(native.length).toBeGreaterThan(4);
    },
  );

  test("where the memory of wasm cannot hold the copies, our loops compute the same", async () => {
    await prepareBackend("native");
    const native = tf.backend();
    if (!(native instanceof NativeBackend)) throw new Error("another backend is in use");
    const image = tf.tensor4d(
      Float32Array.from({ length: 2 * 4 * 4 * 3 }, (_, i) => (i * 7) % 31),
      [2, 4, 4, 3],
    );
    const pooled = (): Float32Array =>
      valuesOf(() => maxPool2d(image, { size: 2, stride: 2, padding: 0 }));
    const drawn = (): Float32Array =>
      valuesOf(() =>
        operations.dropout(operations.constant(new Float32Array(60).fill(1), [6, 10]), site),
      );
    const [lentPool, lentMask] = [pooled(), drawn()];
    const full = vi.spyOn(native.keeper, "allocate").mockImplementation(() => {
      throw new OutOfMemoryError(64, 4e9, 4e9);
    });
    try {
      expect(pooled()).toEqual(lentPool);
      expect(drawn()).toEqual(lentMask);
      expect(full).toHaveBeenCalledTimes(3); // for the pool, the input of dropout, and its mask
    } finally {
      full.mockRestore();
      image.dispose();
    }
  });

  test("after another backend was in use, tensors live on it again, and nothing is left in the library", async () => {
    await prepareBackend("native");
    const input = operations.constant(Float32Array.from([1, 2, 3, 4]), [2, 2]);
    const identity = operations.constant(Float32Array.from([1, 0, 0, 1]), [2, 2]);
    const product = valuesOf(() => operations.dense(input, { weight: identity }));
    expect([...product]).toEqual([1, 2, 3, 4]);
    input.dispose();
    identity.dispose();
    const backend = tf.backend();
    if (!(backend instanceof NativeBackend)) throw new Error("another backend is in use");
    expect(backend.numLibraryTensors()).toBe(0);
  });
});

async function firstValues(modelCase: ModelCase, backend: string): Promise<readonly string[]> {
  const { state } = await openCase(modelCase, { backend, numSteps: 10 });
  return [...state.parameters, ...state.slots].map(
    ([name, { values }]) => `${name} ${checksum64(Float32Array.from(values))}`,
  );
}
