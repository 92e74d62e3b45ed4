import type { TensorInfo } from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import type { LockstepBackend } from "../../../../src/backend/wasm/backend.ts";
import { createBackend } from "../../../../src/backend/wasm/create.ts";
import { workshopOf } from "../../../../src/backend/wasm/fast-kernel.ts";
import { floatsFrom, messageOf, partsUntil, type Parts } from "./parts.ts";

const partsWith = partsUntil(afterEach);

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

/** A kernel that fails is the sign that it was waited for. */
test("JavaScript goes on before the kernels are done, and every `finish` tells what failed, as does `ahead`", () => {
  const { pool } = partsWith(2);
  const seen: string[] = [];
  const work = (): void => {
    pool.run("trap", 1, { integers: [0] });
    seen.push("went on");
    for (let i = 0; i < 2; i++) seen.push(messageOf(pool.finish).slice(0, 15));
  };
  expect(() => pool.ahead(work)).toThrow(/^The kernel trap of the backend wasm failed: /u);
  expect(seen).toEqual(["went on", "The kernel trap", "The kernel trap"]);
});

test("`finish` comes back when all kernels are done, in a nested `ahead` too", () => {
  const parts = partsWith(2);
  const { values, scale } = valuesOf(parts);
  const seen: (number | undefined)[] = [];
  parts.pool.ahead(() => {
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

test("whatever looks at a tensor or at a kernel's numbers waits for the kernels before it", async () => {
  const looks: Readonly<Record<string, (backend: LockstepBackend, info: TensorInfo) => unknown>> = {
    view: (backend, info) => backend.view(info),
    readSync: (backend, info) => backend.readSync(info.dataId),
    write: (backend) => backend.write(new Float32Array(4), [4], "float32"),
    integers: (backend) => workshopOf(backend).integers(2 ** 20, 4),
    doubles: (backend) => workshopOf(backend).doubles(2 ** 20, 4),
  };
  for (const [name, look] of Object.entries(looks)) {
    const backend = createBackend({ numThreads: 2, maxBytes: 64 * 2 ** 20 });
    const info = backend.allocate([4]);
    const seen: string[] = [];
    const work = (): void => {
      backend.pool.run("trap", 1, { integers: [0] });
      seen.push(messageOf(() => look(backend, info)).slice(0, 15));
    };
    expect(() => backend.pool.ahead(work)).toThrow(/^The kernel trap/u);
    expect([name, ...seen]).toEqual([name, "The kernel trap"]);
    await backend.pool.stop();
  }
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
  const parts = partsWith(2, { patience: 50 });
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
