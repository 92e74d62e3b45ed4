import { expect, onTestFinished, test } from "vitest";
import { createHeap } from "../../../../src/backend/wasm/heap.ts";
import { createBackendMemory } from "../../../../src/backend/wasm/memory.ts";
import { withoutSharedMemory } from "./without-shared-memory.ts";

test("a memory that has run out says what is used, what was asked for, and what to lower", () => {
  const memory = createBackendMemory({ maxBytes: 32 * 2 ** 20 });
  expect(memory.maxBytes).toBe(32 * 2 ** 20);
  const heap = createHeap(memory, 2 ** 20);
  heap.allocate(16 * 2 ** 20, "lasting");
  expect(() => heap.allocate(20 * 2 ** 20, "passing")).toThrow(
    "The backend wasm has no memory left: 16.0 MiB of 32.0 MiB are in use, and a tensor needs 20.0 MiB more.",
  );
  expect(heap.allocate(4 * 2 ** 20, "passing")).toBeGreaterThan(0);
});

test("facts count what is in use, and the most that was", () => {
  const heap = createHeap(createBackendMemory({ maxBytes: 32 * 2 ** 20 }), 2 ** 20);
  const lasting = heap.allocate(4096, "lasting");
  const passing = heap.allocate(8192, "passing");
  heap.free(passing, 8192, "passing");
  expect(heap.facts()).toEqual({
    numLastingBytes: 4096,
    numPassingBytes: 0,
    numPeakBytes: 4096 + 8192,
  });
  heap.free(lasting, 4096, "lasting");
  expect(heap.facts().numLastingBytes).toBe(0);
  heap.resetPeak();
  expect(heap.facts().numPeakBytes).toBe(0);
});

test("where threads cannot share memory it is there as a whole, and views stay valid as well", () => {
  onTestFinished(withoutSharedMemory());
  const memory = createBackendMemory({ maxBytes: 64 * 2 ** 20 });
  expect(memory.isShared).toBe(false);
  const early = memory.floats(4096, 2);
  early.set([1, 2]);
  expect(memory.ensure(64 * 2 ** 20)).toBe(true);
  expect(memory.ensure(65 * 2 ** 20)).toBe(false);
  expect([...early]).toEqual([1, 2]);
  expect(memory.addressOf(early)).toBe(4096);
});

test("views of before a growth stay valid, and belong to the memory", () => {
  const memory = createBackendMemory({ maxBytes: 64 * 2 ** 20 });
  memory.ensure(2 ** 20);
  const early = memory.floats(4096, 2);
  early.set([1, 2]);
  expect(memory.ensure(60 * 2 ** 20)).toBe(true);
  expect(memory.ensure(65 * 2 ** 20)).toBe(false);
  expect([...memory.floats(4096, 2)]).toEqual([1, 2]);
  expect(memory.addressOf(early)).toBe(4096);
  expect(memory.addressOf(new Float32Array(2))).toBeUndefined();
});
