import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { NativeBackend } from "../../../../src/backend/native/backend.ts";
import * as operations from "../../../../src/backend/operations.ts";
import { prepareBackend } from "../../../../src/backend/prepare.ts";
import { checksum64 } from "../../../../src/core/checksum.ts";
import { createStreams } from "../../../../src/random/streams.ts";
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
