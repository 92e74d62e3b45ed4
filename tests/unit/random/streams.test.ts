import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPermutation } from "../../../src/random/permutation.ts";
import { fillTruncatedNormal, fillUniform } from "../../../src/random/samples.ts";
import { createStreams, seedsByPurpose, type RandomStreams } from "../../../src/random/streams.ts";

const purpose = fc
  .array(fc.string({ unit: "grapheme-ascii", minLength: 1 }), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((part) => part.replaceAll("/", "_")).join("/"));
const seed = fc.nat(Number.MAX_SAFE_INTEGER);

function keyOf(streams: RandomStreams, name: string): readonly [number, number] {
  return streams.stream(name).key;
}

describe("the key", () => {
  test("is the first 64 bits of SHA-256 over the written-down encoding", () => {
    const digest = createHash("sha256").update('["rng/1",42,"init/encoder.weight"]').digest();
    expect(keyOf(createStreams(42), "init/encoder.weight")).toEqual([
      digest.readUInt32BE(0),
      digest.readUInt32BE(4),
    ]);
  });

  test("is pinned", () => {
    const streams = createStreams(0);
    expect(["data/order", "dropout/embeddings", "split"].map((name) => keyOf(streams, name)))
      .toMatchInlineSnapshot(`
      [
        [
          1615116665,
          1961058191,
        ],
        [
          885902512,
          1592372468,
        ],
        [
          99680492,
          3452045607,
        ],
      ]
    `);
    expect(keyOf(createStreams(2 ** 53 - 1), "ä")).toMatchInlineSnapshot(`
      [
        4284541440,
        488821657,
      ]
    `);
  });

  test("depends on seed and purpose only, not on what else is asked for or when", () => {
    fc.assert(
      fc.property(seed, fc.uniqueArray(purpose, { minLength: 1 }), (root, purposes) => {
        const [first, second] = [createStreams(root), createStreams(root)];
        const forwards = new Map(purposes.map((name) => [name, keyOf(first, name)]));
        for (const name of purposes.toReversed()) {
          expect(keyOf(second, name)).toEqual(forwards.get(name));
          expect(keyOf(first, name)).toEqual(forwards.get(name));
        }
      }),
    );
  });

  test("differs between any two purposes and any two seeds", () => {
    fc.assert(
      fc.property(fc.tuple(seed, purpose), fc.tuple(seed, purpose), (left, right) => {
        fc.pre(left.join("/") !== right.join("/"));
        const [a, b] = [left, right].map(([root, name]) => keyOf(createStreams(root), name));
        expect(a).not.toEqual(b);
      }),
    );
  });

  test("seed 0 has streams like any other seed", () => {
    const keys = [0, 1, 2].map((root) => keyOf(createStreams(root), "dropout/x").join());
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).not.toBe("0,0");
  });
});

describe("seeds of their own", () => {
  const streams = createStreams(1, { dropout: 9, "dropout/attention": 5 });

  test("hold for the purpose and all below it, the longest purpose first", () => {
    expect(keyOf(streams, "dropout")).toEqual(keyOf(createStreams(9), "dropout"));
    expect(keyOf(streams, "dropout/a/b")).toEqual(keyOf(createStreams(9), "dropout/a/b"));
    const below = "dropout/attention/0";
    expect(keyOf(streams, below)).toEqual(keyOf(createStreams(5), below));
  });

  test("leave every other purpose alone, also one that only begins alike", () => {
    for (const name of ["data/order", "dropouts", "dropoutx/y", "init/dropout"]) {
      expect(keyOf(streams, name)).toEqual(keyOf(createStreams(1), name));
    }
  });

  test("of a config are those of its fields and of purposes of one's own", () => {
    const found = seedsByPurpose({
      dropout: 7,
      sampling: undefined,
      own: { "augmentation/flip": 3 },
    });
    expect(found).toEqual({ dropout: 7, "augmentation/flip": 3 });
    expect(seedsByPurpose()).toEqual({});
    expect(seedsByPurpose({ own: 4 })).toEqual({ own: 4 }); // of a schema that has nothing of ours
  });

  test("equal to the root seed, they change nothing", () => {
    expect(keyOf(createStreams(3, { dropout: 3 }), "dropout/x")).toEqual(
      keyOf(createStreams(3), "dropout/x"),
    );
  });

  test("named like members of every object are purposes like any other", () => {
    expect(keyOf(createStreams(3), "constructor/toString")).toHaveLength(2);
  });
});

test("one more dropout site changes neither the data order nor first values nor other masks", () => {
  const draw = (sites: readonly string[]): unknown => {
    const streams = createStreams(11);
    const masks = Object.fromEntries(
      sites.map((site) => {
        const mask = new Float32Array(64);
        const at = { step: 3, position: 0, elementsPerPosition: 16 };
        fillUniform(streams.stream(`dropout/${site}`), mask, at);
        return [site, mask];
      }),
    );
    const weights = new Float32Array(32);
    fillTruncatedNormal(streams.stream("init/classifier.weight"), weights);
    const { at } = createPermutation(streams.stream("data/order"), 100, 2);
    const order = Array.from({ length: 100 }, (_, index) => at(index));
    return { weights, order, first: masks["first"], second: masks["second"] };
  };
  expect(draw(["added", "first", "second", "another"])).toEqual(draw(["first", "second"]));
});

test.each([-1, 1.5, 2 ** 53, NaN, -0])("seed %d is refused", (root) => {
  expect(() => createStreams(root)).toThrowError(
    expect.objectContaining({
      code: "config",
      message: `seed is ${root}; expected an integer from 0 to 2^53 - 1.`,
      hint: "Any such integer will do, 0 as well.",
    }),
  );
  expect(() => createStreams(0, { split: root })).toThrowError(/^seeds\.split is /);
});

test.each(["", "/", "a//b", "/a", "a/"])("%j is not a purpose", (name) => {
  expect(() => createStreams(0).stream(name)).toThrowError(
    / is not the purpose of a random stream\.$/,
  );
});
