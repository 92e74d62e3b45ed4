import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPermutation } from "../../../src/random/permutation.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { correlation, countKinds, unevenness } from "./statistics.ts";

const stream = createStreams(0).stream("data/order");

function order(size: number, epoch: number, of = stream): number[] {
  const { at } = createPermutation(of, size, epoch);
  return Array.from({ length: size }, (_, index) => at(index));
}

describe("every order is a permutation", () => {
  test("for every small size, and around those where the network grows", () => {
    const sizes = [...Array.from({ length: 40 }, (_, size) => size), 127, 128, 129, 255, 256, 257];
    for (const size of sizes) {
      const sorted = order(size, size % 3).sort((a, b) => a - b);
      expect(sorted).toEqual(Array.from({ length: size }, (_, index) => index));
    }
  });

  test("for any size, key and epoch", () => {
    const sizes = fc.oneof(fc.nat(2000), fc.constantFrom(4095, 4096, 4097, 20_000));
    fc.assert(
      fc.property(sizes, fc.nat(Number.MAX_SAFE_INTEGER), fc.nat(), (size, epoch, seed) => {
        const seen = new Set(order(size, epoch, createStreams(seed).stream("data/order")));
        expect(seen.size).toBe(size);
        expect([...seen].every((value) => value >= 0 && value < size)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("for the largest size, as far as a few places tell", () => {
    const { at } = createPermutation(stream, 2 ** 31, 1);
    const values = [0, 1, 2 ** 30, 2 ** 31 - 1].map(at);
    expect(new Set(values).size).toBe(4);
    expect(values.every((value) => value >= 0 && value < 2 ** 31)).toBe(true);
  });
});

test("any place can be asked for at any time", () => {
  const whole = order(1000, 4);
  fc.assert(
    fc.property(fc.array(fc.nat(999)), (places) => {
      const { at } = createPermutation(stream, 1000, 4);
      expect(places.map(at)).toEqual(places.map((place) => whole[place]));
    }),
  );
});

test("the first orders are pinned: every stored run depends on them", () => {
  expect([order(10, 0), order(10, 1), order(11, 1)]).toMatchInlineSnapshot(`
    [
      [
        3,
        7,
        0,
        2,
        8,
        9,
        4,
        1,
        5,
        6,
      ],
      [
        4,
        0,
        7,
        6,
        1,
        2,
        8,
        3,
        5,
        9,
      ],
      [
        4,
        0,
        7,
        6,
        1,
        2,
        8,
        3,
        5,
        10,
        9,
      ],
    ]
  `);
});

describe("orders look drawn at random, on fixed seeds", () => {
  test.each([
    [2, 2],
    [3, 6],
    [4, 24],
    [5, 120],
  ])("all orders of %d are equally likely", (size, numOrders) => {
    const kinds = Array.from({ length: 25 * numOrders }, (_, epoch) => rank(order(size, epoch)));
    expect(Math.abs(unevenness(countKinds(kinds, numOrders)))).toBeLessThan(4);
  });

  test("each value is equally likely at each place, across seeds", () => {
    const size = 12;
    const pairs = Array.from({ length: 1500 }, (_, seed) =>
      order(size, 0, createStreams(seed).stream("data/order")).map(
        (value, index) => value * size + index,
      ),
    );
    expect(Math.abs(unevenness(countKinds(pairs.flat(), size * size)))).toBeLessThan(4);
  });

  test("an order is not correlated with the places, nor with the next epoch's, nor with another seed's", () => {
    const size = 5900;
    const places = Array.from({ length: size }, (_, index) => index);
    const first = order(size, 0);
    const others = [places, order(size, 1), order(size, 0, createStreams(1).stream("data/order"))];
    for (const other of others) {
      expect(Math.abs(correlation(first, other))).toBeLessThan(4 / Math.sqrt(size));
    }
  });

  test("neighbours do not stay together", () => {
    const size = 5900;
    const values = order(size, 3);
    const numKept = values.filter(
      (value, index) => Math.abs(value - (values[index + 1] ?? -9)) === 1,
    ).length;
    expect(numKept).toBeLessThan(10); // two are to be expected
  });
});

/** Place of an order of up to 8 among all orders of its size. */
function rank(values: readonly number[]): number {
  return values.reduce((total, value, index) => {
    const numSmallerLater = values.slice(index).filter((later) => later < value).length;
    return total * (values.length - index) + numSmallerLater;
  }, 0);
}

describe("what cannot be is our own mistake", () => {
  test.each([-1, 1.5, 2 ** 31 + 1, NaN])("a size of %d", (size) => {
    expect(() => createPermutation(stream, size, 0)).toThrowError(
      `internal: ${size} is no size of a permutation`,
    );
  });

  test.each([-1, 10, 0.5, NaN])("index %d of ten", (index) => {
    expect(() => createPermutation(stream, 10, 0).at(index)).toThrowError(
      `internal: index ${index} lies outside a permutation of 10`,
    );
  });

  test("any index of none, and an epoch below 0", () => {
    expect(() => createPermutation(stream, 0, 0).at(0)).toThrowError(
      /^internal: index 0 lies outside/,
    );
    expect(() => createPermutation(stream, 5, -1)).toThrowError("internal: -1 is no step or epoch");
  });
});
