/** A library outside of WebAssembly, loaded by every thread: here one that multiplies in JavaScript, and fails when told to. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
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
const [rowsAPiece, numPieces] = [24, 4];

function product(parts: Parts): Float32Array {
  const { pool, heap, memory } = parts;
  const { rows, inner, columns } = sizes;
  const placed = (values: Float32Array): number => {
    const address = heap.allocate(values.length * 4, "lasting");
    memory.floats(address, values.length).set(values);
    return address;
  };
  const [left, right] = [placed(floatsFrom(rows * inner)), placed(floatsFrom(columns * inner))];
  const result = placed(new Float32Array(rows * columns));
  const words = [left, right, result, rows, inner, columns, 2, rowsAPiece];
  const integers = [numPieces, ...words, ...Array<number>(12).fill(0)];
  pool.run("libraryProduct", numPieces, { integers });
  return memory.floats(result, rows * columns).slice();
}

function expected(): Float32Array {
  const { rows, inner, columns } = sizes;
  const [left, right] = [floatsFrom(rows * inner), floatsFrom(columns * inner)];
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += (left[row * inner + k] ?? 0) * (right[column * inner + k] ?? 0);
    return sum;
  });
}

test.each([1, 2, 5])("%i threads compute each piece once", (count) => {
  const parts = partsWith(count, { library: library("plain") });
  for (let turn = 0; turn < 20; turn++) expect(product(parts)).toEqual(expected());
});

test("what the library throws in the calling thread is the error, and every later call's", () => {
  const parts = partsWith(1, { library: library("own", "throw new Error('no memory left')") });
  const message = "A product of the library, shared out to threads, failed: Error: no memory left.";
  expect(() => product(parts)).toThrow(message);
  expect(() => product(parts)).toThrow(message);
});

test("what it throws in another thread is the error, with the thread's name, and never hangs", async () => {
  const fail = "if (!isMain) throw new Error('no memory left')";
  const parts = partsWith(2, { library: library("other", fail) });
  await expect
    .poll(() => messageOf(() => product(parts)), { timeout: 10_000 })
    .toBe(
      "A product of the library, shared out to threads, failed: thread 2 of 2: Error: no memory left.",
    );
});

test("a thread that is lost in a piece is an error, and never hangs", async () => {
  const fail = "if (!isMain) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)";
  const parts = partsWith(2, { library: library("lost", fail), patience: 50 });
  await expect
    .poll(() => messageOf(() => product(parts)), { timeout: 10_000 })
    .toMatch(/^A product of the library, .* a thread did not finish its part in time/u);
});

test("a thread that is killed is an error at the next call, with its name", async () => {
  const started: Worker[] = [];
  const note = (worker: Worker): unknown => started.push(worker);
  process.on("worker", note);
  const parts = partsWith(2, { library: library("killed") });
  await expect.poll(() => started.length).toBe(1);
  process.off("worker", note);
  product(parts);
  await started[0]?.terminate();
  expect(() => product(parts)).toThrow("thread 2 of 2 has ended");
});

test("a thread in which the library does not load is an error with the reason", async () => {
  const { file, source } = library("broken");
  writeFileSync(
    file,
    "if (!require('node:worker_threads').isMainThread) throw new Error('cut off'); exports.fail = () => {};",
  );
  const parts = partsWith(2, { library: { file, source } });
  await expect.poll(() => parts.pool.isBroken(), { timeout: 10_000 }).toBe(true);
  expect(() => product(parts)).toThrow("thread 2 of 2: Error: cut off");
});

test("without a library the kernel is an error that says so", () => {
  expect(() => product(partsWith(1))).toThrow("these threads know no library");
});
