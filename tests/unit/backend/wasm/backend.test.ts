import { afterAll, expect, test, vi } from "vitest";
import { createBackend } from "../../../../src/backend/wasm/create.ts";
import type { LockstepBackend } from "../../../../src/backend/wasm/backend.ts";
import { floatsFrom } from "./parts.ts";
import { withoutSharedMemory } from "./without-shared-memory.ts";

const opened: LockstepBackend[] = [];

afterAll(() => {
  for (const backend of opened) backend.dispose();
});

function open(numThreads: number): LockstepBackend {
  const backend = createBackend({ numThreads, maxBytes: 64 * 2 ** 20 });
  opened.push(backend);
  return backend;
}

/** The bits of many numbers, scaled in pieces of 64. */
function scaled(backend: LockstepBackend): string {
  const { heap, memory } = backend.parts;
  const length = 100_003;
  const values = heap.allocate(length * 4, "passing");
  memory.floats(values, length).set(floatsFrom(length));
  backend.pool.run("scaleInPlace", Math.ceil(length / 64), {
    integers: [length, 64, values],
    doubles: [1 / 3],
  });
  const bits = Buffer.from(memory.floats(values, length).slice().buffer).toString("base64");
  heap.free(values, length * 4, "passing");
  return bits;
}

test("another number of threads, again and again, takes no memory", async () => {
  const backend = open(1);
  const before = backend.heapFacts();
  for (let round = 0; round < 20; round++) {
    await backend.useThreads(3);
    await backend.useThreads(1);
  }
  expect(backend.heapFacts().numLastingBytes).toBe(before.numLastingBytes);
  expect(backend.pool.numThreads).toBe(1);
});

test("threads of which one has failed are replaced, and then the same number computes", async () => {
  const backend = open(2);
  const expected = scaled(backend);
  expect(() => backend.pool.run("trap", 1, { integers: [0] })).toThrow("The kernel trap");
  expect(() => scaled(backend)).toThrow("The kernel trap");
  await backend.useThreads(2);
  expect(scaled(backend)).toBe(expected);
});

test("memory that is not shared gives the bits of three threads", () => {
  const expected = scaled(open(3));
  const restore = withoutSharedMemory();
  try {
    const alone = open(1);
    expect(alone.parts.memory.isShared).toBe(false);
    expect(scaled(alone)).toBe(expected);
  } finally {
    restore();
  }
});

test("a processor without SIMD is refused by name, and so is an engine without atomic operations", async () => {
  const host: { WebAssembly: { validate: (bytes: Uint8Array) => boolean } } = Object(globalThis);
  const { validate } = host.WebAssembly;
  vi.resetModules(); // the kernels are compiled once
  const fresh = await import("../../../../src/backend/wasm/module.ts");
  try {
    host.WebAssembly.validate = () => false;
    expect(() => fresh.kernelModule(true)).toThrow("needs WebAssembly with SIMD");
    host.WebAssembly.validate = (bytes) => bytes.length < 100;
    expect(() => fresh.kernelModule(false)).toThrow("needs WebAssembly with atomic operations");
  } finally {
    host.WebAssembly.validate = validate;
  }
  expect(fresh.kernelModule(false).digest).toBe(fresh.kernelModule(true).digest);
});
