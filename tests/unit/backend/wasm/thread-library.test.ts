/** A library outside of WebAssembly, loaded by every thread: here one that multiplies in JavaScript, and fails when told to. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sharedProduct } from "../../../../src/backend/native/pieces.ts";
import { distribution, geluSlope } from "../../../../src/backend/kernels/normal-distribution.ts";
import type { ThreadLibrary } from "../../../../src/backend/wasm/thread-library.ts";
import { floatsFrom, messageOf, partsUntil, type Parts } from "./parts.ts";

const partsWith = partsUntil(afterEach);
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockstep-library-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Left times what lies as the transpose of right, in double precision. `fail` is the body of what a piece begins with. */
function library(name: string, fail = ""): ThreadLibrary {
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, `exports.fail = (isMain, piece) => { ${fail} };`);
  const source = `(require, memory, file) => {
    const { isMainThread } = require("node:worker_threads");
    const { fail } = require(file);
    return (args, piece) => {
      fail(isMainThread, piece);
      const [, a, b, c, rows, inner, columns, , each] = new Uint32Array(memory.buffer, args, 9);
      const floats = (address, length) => new Float32Array(memory.buffer, address, length);
      const [left, right, result] = [floats(a, rows * inner), floats(b, columns * inner), floats(c, rows * columns)];
      for (let row = piece * each; row < Math.min(rows, (piece + 1) * each); row++)
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += left[row * inner + k] * right[column * inner + k];
          result[row * columns + column] = sum;
        }
    };
  }`;
  return { file, source };
}

const sizes = { rows: 77, inner: 9, columns: 13 };

/** The result, and where GELU follows, its slope. */
function product(parts: Parts, activation: number): readonly Float32Array[] {
  const { pool, heap, memory } = parts;
  const { rows, inner, columns } = sizes;
  const placed = (values: Float32Array): number => {
    const address = heap.allocate(values.length * 4, "lasting");
    memory.floats(address, values.length).set(values);
    return address;
  };
  const [left, right] = [placed(floatsFrom(rows * inner)), placed(floatsFrom(columns * inner))];
  const [result, activated] = [0, 0].map(() => placed(new Float32Array(rows * columns)));
  if (result === undefined || activated === undefined) throw new Error("no results");
  const shared = sharedProduct({ ...sizes, left, right, result, transposed: "right" }, 4);
  const after = [placed(floatsFrom(columns)), activation, activated];
  const integers = [shared.numPieces, ...shared.integers, ...Array(8).fill(0), ...after];
  pool.run("libraryProduct", shared.numPieces, { integers });
  return [result, activated].map((address) => memory.floats(address, rows * columns).slice());
}

function expected(): Float32Array {
  const { rows, inner, columns } = sizes;
  const [left, right] = [floatsFrom(rows * inner), floatsFrom(columns * inner)];
  const bias = floatsFrom(columns);
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += (left[row * inner + k] ?? 0) * (right[column * inner + k] ?? 0);
    return Math.fround(sum) + (bias[column] ?? 0);
  });
}

test.each([1, 2, 5])("%i threads compute each piece once, with bias and activation", (count) => {
  const parts = partsWith(count, { library: library("plain") });
  for (let turn = 0; turn < 20; turn++) {
    expect(product(parts, 0)[0]).toEqual(expected());
    expect(product(parts, 1)[0]).toEqual(expected().map((value) => Math.max(value, 0)));
    const [slope = [], activated = []] = product(parts, 2);
    for (const [index, value] of expected().entries()) {
      expect(slope[index]).toBeCloseTo(geluSlope(value), 5);
      expect(activated[index]).toBeCloseTo(value * distribution(value), 4);
    }
  }
});

test("what the library throws in the calling thread is the error, and every later call's", () => {
  const parts = partsWith(1, { library: library("own", "throw new Error('no memory left')") });
  const message = "A product of the library, shared out to threads, failed: Error: no memory left.";
  expect(() => product(parts, 0)).toThrow(message);
  expect(() => product(parts, 0)).toThrow(message);
});

test("what it throws in another thread is the error, with the thread's name, and never hangs", async () => {
  const fail = "if (!isMain) throw new Error('no memory left')";
  const parts = partsWith(2, { library: library("other", fail) });
  await expect
    .poll(() => messageOf(() => product(parts, 0)), { timeout: 10_000 })
    .toBe(
      "A product of the library, shared out to threads, failed: thread 2 of 2: Error: no memory left.",
    );
});

test("a thread that is lost in a piece is an error, and never hangs", async () => {
  const fail = "if (!isMain) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)";
  const parts = partsWith(2, { library: library("lost", fail), patience: 50 });
  await expect
    .poll(() => messageOf(() => product(parts, 0)), { timeout: 10_000 })
    .toMatch(/^A product of the library, .* a thread did not finish its part in time/u);
});

test("a thread that is killed is an error at the next call, with its name", async () => {
  const started: Worker[] = [];
  const note = (worker: Worker): unknown => started.push(worker);
  process.on("worker", note);
  const parts = partsWith(2, { library: library("killed") });
  await expect.poll(() => started.length).toBe(1);
  process.off("worker", note);
  product(parts, 0);
  await started[0]?.terminate();
  expect(() => product(parts, 0)).toThrow("thread 2 of 2 has ended");
});

test("a thread in which the library does not load is an error with the reason", async () => {
  const { file, source } = library("broken");
  writeFileSync(
    file,
    "if (!require('node:worker_threads').isMainThread) throw new Error('cut off'); exports.fail = () => {};",
  );
  const parts = partsWith(2, { library: { file, source } });
  await expect.poll(() => parts.pool.isBroken(), { timeout: 10_000 }).toBe(true);
  expect(() => product(parts, 0)).toThrow("thread 2 of 2: Error: cut off");
});

test("without a library the kernel is an error that says so", () => {
  expect(() => product(partsWith(1), 0)).toThrow("these threads know no library");
});
