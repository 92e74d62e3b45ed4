import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { kernelBase64 } from "../../../src/backend/wasm/kernel-bytes.ts";

/** Before any backend is loaded: the wasm package adds listeners that throw every error again. */
const listenersAtFirst = listeners();

function listeners(): readonly unknown[] {
  return ["uncaughtException", "unhandledRejection"].map((event) => process.rawListeners(event));
}

test("preparing wasm names its versions, its threads and the digest of the kernels", async () => {
  const digest = createHash("sha256").update(Buffer.from(kernelBase64, "base64")).digest("hex");
  expect(await prepareBackend("wasm", { threads: 2 })).toEqual({
    backend: "wasm",
    threads: 2,
    tensorflowCore: "4.22.0",
    tensorflowCpu: "4.22.0",
    kernelsSha256: digest,
    vectorBits: expect.toBeOneOf([128, 256]) as number,
  });
  expect(tf.getBackend()).toBe("wasm");
});

test("preparing leaves no listener on the process and prints nothing", async () => {
  const warnings = await warningsOf(async () => {
    for (const name of ["wasm", "cpu"] as const) {
      await prepareBackend(name);
      tf.tensor([1, 2]).dispose();
    }
  });
  expect(listeners()).toEqual(listenersAtFirst);
  expect(warnings).toEqual([]);
});

test("a backend that does not start is refused instead of replaced by another", async () => {
  await prepareBackend("cpu");
  tf.removeBackend("cpu");
  tf.registerBackend("cpu", () => {
    throw new Error("no memory");
  });
  // TensorFlow.js warns; the error says it to the user.
  await warningsOf(() =>
    expect(prepareBackend("cpu")).rejects.toMatchObject({
      code: "environment",
      message: "The backend cpu does not start.",
    }),
  );
});

async function warningsOf(body: () => Promise<unknown>): Promise<readonly unknown[]> {
  const warnings: unknown[] = [];
  // Through `Object`, for the types of the AssemblyScript compiler describe another console.
  const host: { warn: (...parts: unknown[]) => unknown } = Object(console);
  const original = host.warn;
  host.warn = (...parts) => warnings.push(parts);
  try {
    await body();
  } finally {
    host.warn = original;
  }
  return warnings;
}
