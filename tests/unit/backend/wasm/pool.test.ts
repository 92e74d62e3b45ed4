import type { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { floatsFrom, messageOf, partsUntil, type Parts } from "./parts.ts";

const partsWith = partsUntil(afterEach);

const length = 100_003;

/** A kernel in many pieces. */
function scaled({ pool, heap, memory }: Parts): Float32Array {
  const address = heap.allocate(length * 4, "lasting");
  memory.floats(address, length).set(floatsFrom(length));
  const numPieces = Math.ceil(length / 64);
  pool.run("scaleInPlace", numPieces, { integers: [length, 64, address], doubles: [0.3] });
  return memory.floats(address, length).slice();
}

test.each([1, 2, 3, 8])("%i threads do every piece once", (numThreads) => {
  const expected = bytesOf(floatsFrom(length).map((value) => value * 0.3));
  const parts = partsWith(numThreads);
  for (let i = 0; i < 20; i++) expect(bytesOf(scaled(parts)).equals(expected)).toBe(true);
});

test("threads without work fall asleep, and a kernel wakes them", async () => {
  const parts = partsWith(3);
  for (let i = 0; i < 3; i++) {
    await expect.poll(parts.numAsleep, { timeout: 10_000 }).toBe(2);
    scaled(parts);
  }
});

/** As many commands as there are slots, all but the first without other threads: so the last is written over the first. */
test("a thread that is late for a command takes no piece of the one that is written in its place", () => {
  const parts = partsWith(2, { patience: 2_000 });
  const { pool, heap, memory } = parts;
  const [values, others] = [heap.allocate(640 * 4, "lasting"), heap.allocate(64, "lasting")];
  for (let round = 0; round < 10_000; round++) {
    memory.floats(values, 640).fill(1);
    pool.ahead(() => {
      for (let i = 0; i < 64; i++) {
        const numPieces = i === 0 ? 2 : 1;
        pool.run("scaleInPlace", numPieces, { integers: [2, 1, others], doubles: [1] });
      }
      pool.run("scaleInPlace", 40, { integers: [640, 16, values], doubles: [2] });
    });
    if (!memory.floats(values, 640).every((value) => value === 2)) throw new Error(`${round}`);
  }
}, 60_000);

test("no pieces are no work", () => {
  const { pool } = partsWith(2);
  pool.run("scaleInPlace", 0, { integers: [0, 64, 0], doubles: [1] });
});

test("a kernel that traps in the calling thread is an error with its name, and so is every later call", () => {
  const parts = partsWith(1);
  const run = (): void => parts.pool.run("trap", 3, { integers: [1] });
  expect(run).toThrow(/The kernel trap of the backend wasm failed: RuntimeError: unreachable/u);
  expect(() => scaled(parts)).toThrow(/The kernel trap of the backend wasm failed/u);
});

test("a kernel that traps in another thread is an error with its name, and never hangs", async () => {
  const parts = partsWith(2);
  const trap = (): void => {
    // The other thread needs a moment to start, and any piece will do.
    for (let i = 0; i < 100; i++) parts.pool.run("trap", 10_000, { integers: [-1] });
  };
  await expect
    .poll(() => messageOf(trap), { timeout: 10_000 })
    .toMatch(/The kernel trap .* failed/u);
});

test("a thread that has ended is an error at the next call", async () => {
  const parts = partsWith(2);
  scaled(parts);
  await parts.pool.stop();
  expect(() => scaled(parts)).toThrow(/failed: the threads were stopped/u);
});

test("a thread that is killed between two kernels is an error at the next call, with the thread's name", async () => {
  const started: Worker[] = [];
  const note = (worker: Worker): unknown => started.push(worker);
  process.on("worker", note);
  const parts = partsWith(3);
  await expect.poll(() => started.length).toBe(2);
  process.off("worker", note);
  scaled(parts);
  await started[1]?.terminate();
  expect(parts.pool.isBroken()).toBe(true);
  expect(() => scaled(parts)).toThrow(
    "The kernel scaleInPlace of the backend wasm failed: thread 3 of 3 has ended.",
  );
});

test("a thread that is lost in the middle of a piece is an error with the kernel's name, and never hangs", async () => {
  const parts = partsWith(2, { patience: 50 });
  const lose = (): void => {
    for (let i = 0; i < 100; i++) parts.pool.run("trap", 10_000, { integers: [-2] });
  };
  await expect
    .poll(() => messageOf(lose), { timeout: 10_000 })
    .toMatch(/The kernel trap .* failed: a thread did not finish its part in time/u);
});

/** Compared as bytes, which is thousands of times quicker than element by element. */
function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
