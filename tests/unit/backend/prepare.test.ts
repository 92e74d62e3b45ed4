import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { prepareBackend } from "../../../src/backend/prepare.ts";

/** Before any backend is loaded: the wasm package adds listeners that throw every error again. */
const listenersAtFirst = listeners();

function listeners(): readonly unknown[] {
  return ["uncaughtException", "unhandledRejection"].map((event) => process.rawListeners(event));
}

test("preparing wasm names its versions and the digest of the binary that computes", async () => {
  const file = createRequire(import.meta.url).resolve(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
  );
  expect(await prepareBackend("wasm")).toEqual({
    backend: "wasm",
    tensorflowCore: "4.22.0",
    tensorflowWasm: "4.22.0",
    wasmSha256: createHash("sha256").update(readFileSync(file)).digest("hex"),
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
