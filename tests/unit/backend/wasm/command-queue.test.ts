import { afterEach, expect, test } from "vitest";
import { createMemoryParts, floatsFrom, type Parts } from "./parts.ts";

const open: Parts[] = [];

afterEach(async () => {
  for (const parts of open.splice(0)) await parts.pool.stop();
});

function partsWith(numThreads: number, patience?: number): Parts {
  const parts = createMemoryParts(numThreads, patience);
  open.push(parts);
  return parts;
}

const length = 2 ** 17;

interface Values {
  readonly values: Float32Array;
  /** Multiplies all values by a number, in that many pieces. */
  readonly scale: (factor: number, numPieces: number) => void;
}

function valuesOf({ pool, heap, memory }: Parts): Values {
  const address = heap.allocate(length * 4, "lasting");
  const values = memory.floats(address, length).fill(1);
  const scale = (factor: number, numPieces: number): void => {
    const integers = [length, length / numPieces, address];
    pool.run("scaleInPlace", numPieces, { integers, doubles: [factor] });
  };
  return { values, scale };
}

/**
 * More commands than slots, of few long pieces and of many short ones in turn: one that began before the last was done would
 * multiply in another order, or lose a product.
 */
test.each([1, 2, 3, 8])(
  "%i threads do the kernels of `ahead` once each and in their order",
  (numThreads) => {
    const parts = partsWith(numThreads);
    const { values, scale } = valuesOf(parts);
    values.set(floatsFrom(length));
    const expected = values.slice();
    const factors = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 1.7 : 0.6));
    for (const factor of factors)
      expected.forEach((_, i) => (expected[i] = (expected[i] ?? NaN) * factor));
    parts.pool.ahead(() => {
      factors.forEach((factor, index) => scale(factor, [2, 64, 1, 1024][index % 4] ?? 1));
    });
    expect(values.every((value, index) => value === expected[index])).toBe(true);
  },
);

test("JavaScript goes on before the kernels are done, and `finish` waits for them", async () => {
  const parts = partsWith(2);
  const { values, scale } = valuesOf(parts);
  await expect.poll(parts.numAsleep, { timeout: 10_000 }).toBe(1);
  const seen: (number | undefined)[] = [];
  parts.pool.ahead(() => {
    // A nested call changes nothing: its kernels wait like the others.
    parts.pool.ahead(() => scale(2, 1));
    parts.pool.finish();
    seen.push(values[length - 1]);
    for (let i = 0; i < 20; i++) scale(2, 64);
    parts.pool.finish();
    seen.push(values[length - 1]);
    parts.pool.finish();
  });
  expect(seen).toEqual([2, 2 ** 21]);
});

test("what `ahead` throws is thrown on, its kernels are done, and others can be run", () => {
  const parts = partsWith(2);
  const { values, scale } = valuesOf(parts);
  const work = (): void => {
    scale(2, 64);
    throw new Error("a shape is wrong");
  };
  expect(() => parts.pool.ahead(work)).toThrow("a shape is wrong");
  expect(values.every((value) => value === 2)).toBe(true);
  scale(2, 64);
  expect(values.every((value) => value === 4)).toBe(true);
});

test("a kernel that traps while others wait is told with its own name, once for all", async () => {
  const parts = partsWith(2);
  const { scale } = valuesOf(parts);
  const work = (): void => {
    parts.pool.run("trap", 1000, { integers: [999] });
    for (let i = 0; i < 20; i++) scale(2, 64);
  };
  const failed = /^The kernel trap of the backend wasm failed: /u;
  expect(() => parts.pool.ahead(work)).toThrow(failed);
  expect(parts.pool.isBroken()).toBe(true);
  expect(() => scale(2, 64)).toThrow(failed);
  expect(() => parts.pool.ahead(() => scale(2, 1))).toThrow(failed);
});

test("a thread that is lost in a piece while others wait is an error with that kernel's name, and never hangs", async () => {
  const parts = partsWith(2, 50);
  const { scale } = valuesOf(parts);
  const lose = (): void =>
    parts.pool.ahead(() => {
      for (let i = 0; i < 100; i++) parts.pool.run("trap", 10_000, { integers: [-2] });
      scale(2, 1);
    });
  await expect
    .poll(() => messageOf(lose), { timeout: 10_000 })
    .toMatch(/The kernel trap .* failed: a thread did not finish its part in time/u);
});

test("a kernel that the module lacks is a mistake of ours, and breaks nothing", () => {
  const parts = partsWith(2);
  const { values, scale } = valuesOf(parts);
  for (let i = 0; i < 100; i++) scale(1, 64); // every slot holds a command of before
  expect(() => parts.pool.run("nothing", 4, { integers: [] })).toThrow(/no kernel nothing/u);
  scale(2, 64);
  expect(values[0]).toBe(2);
});

function messageOf(body: () => void): string {
  try {
    body();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
