import * as fc from "fast-check";
import { expect, test } from "vitest";
import { blockBytes, createRegion } from "../../../../src/backend/wasm/region.ts";

/** Stretches one after the other, from 64 on, up to a limit. */
function stretches(limit = Infinity): (numBytes: number) => number | undefined {
  let next = 64;
  return (numBytes) => {
    if (next + numBytes > limit) return undefined;
    next += numBytes;
    return next - numBytes;
  };
}

test("blocks are large enough, aligned and waste at most an eighth", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (numBytes) => {
      const size = blockBytes(numBytes);
      expect(size).toBeGreaterThanOrEqual(numBytes);
      expect(size % 64).toBe(0);
      expect(size).toBeLessThanOrEqual(Math.max(64, numBytes + 63, numBytes * 1.125));
    }),
  );
});

test("blocks in use never overlap", () => {
  const step = fc.record({ numBytes: fc.integer({ min: 1, max: 3_000_000 }), drop: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const region = createRegion(stretches());
      const used: { address: number; numBytes: number }[] = [];
      for (const { numBytes, drop } of steps) {
        const address = region.allocate(numBytes);
        if (address === undefined) throw new Error("the memory is endless");
        for (const block of used) {
          const isApart =
            address + numBytes <= block.address || block.address + block.numBytes <= address;
          expect(isApart).toBe(true);
        }
        used.push({ address, numBytes });
        const [gone] = drop % 3 === 0 ? used.splice(drop % used.length, 1) : [];
        if (gone !== undefined) region.free(gone.address, gone.numBytes);
      }
      for (const { address, numBytes } of used) region.free(address, numBytes);
      expect(region.numUsedBytes()).toBe(0);
    }),
  );
});

test("the same requests after all was freed get the same addresses, and no more memory", () => {
  const region = createRegion(stretches());
  const sizes = [100, 5_000_000, 64, 2_000_000, 3_000];
  const round = (): readonly (number | undefined)[] => {
    const addresses = sizes.map((numBytes) => region.allocate(numBytes));
    for (const [index, numBytes] of sizes.entries()) region.free(addresses[index] ?? 0, numBytes);
    return addresses;
  };
  const first = round();
  const held = region.numHeldBytes();
  for (let i = 0; i < 5; i++) expect(round()).toEqual(first);
  expect(region.numHeldBytes()).toBe(held);
});

test("where memory has run out a larger free block is used, and then there is none", () => {
  const region = createRegion(stretches(64 + 2 * 2 ** 20));
  const [first, second] = [region.allocate(2 ** 20), region.allocate(2 ** 20)];
  if (first === undefined || second === undefined) throw new Error("two stretches are there");
  expect(region.allocate(64)).toBeUndefined();
  region.free(first, 2 ** 20);
  expect(region.allocate(64)).toBe(first);
  expect(region.allocate(64)).toBeUndefined();
});
