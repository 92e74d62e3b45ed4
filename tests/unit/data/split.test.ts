import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { createSplit } from "../../../src/data/split.ts";
import { errorOf } from "./helpers.ts";

const digests = Array.from({ length: 10_000 }, (_, index) => sha256(`example ${index}`));
const shares = { validation: 0.1, test: 0.2, seed: 0 };

test("the parts have about the shares that were asked for", () => {
  const parts = digests.map(createSplit(shares));
  const share = (part: string): number => parts.filter((name) => name === part).length / 10_000;
  // Five standard deviations of a binomial share of 0.2 over 10,000 are 0.02.
  expect(Math.abs(share("validation") - 0.1)).toBeLessThan(0.015);
  expect(Math.abs(share("test") - 0.2)).toBeLessThan(0.02);
});

test("the same content and seed give the same part, in every release", () => {
  const parts = digests.slice(0, 8).map(createSplit(shares));
  expect(parts).toMatchInlineSnapshot(`
    [
      "train",
      "test",
      "test",
      "train",
      "test",
      "train",
      "train",
      "train",
    ]
  `);
});

test("another seed gives another split", () => {
  const other = digests.map(createSplit({ ...shares, seed: 1 }));
  const moved = digests.map(createSplit(shares)).filter((part, index) => part !== other[index]);
  expect(moved.length).toBeGreaterThan(3_000);
});

test("changing one share moves nothing between the other two parts", () => {
  const fraction = fc.double({ min: 0, max: 0.45, noNaN: true });
  fc.assert(
    fc.property(fraction, fraction, fraction, (a, b, fixed) => {
      const first = createSplit({ seed: 3, test: fixed, validation: a });
      const second = createSplit({ seed: 3, test: fixed, validation: b });
      for (const digest of digests.slice(0, 200)) {
        expect(first(digest) === "test").toBe(second(digest) === "test");
      }
    }),
  );
});

test("a share of 0 gives an empty part", () => {
  const parts = digests.map(createSplit({ validation: 0, test: 0, seed: 5 }));
  expect(new Set(parts)).toEqual(new Set(["train"]));
});

test("shares that leave nothing to train on are refused", async () => {
  const error = await errorOf(() => createSplit({ validation: 0.5, test: 0.5, seed: 0 }));
  expect(error).toMatchObject({ code: "config", message: "The split leaves nothing to train on." });
  expect(error.issues).toEqual([
    {
      path: ["data", "split"],
      message: "validation and test must add up to less than 1",
      value: "0.5 + 0.5",
    },
  ]);
});
