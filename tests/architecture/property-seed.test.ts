/** Property tests draw the same cases everywhere, unless asked not to. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

test("property tests begin from the seed of the environment, or from one that all share", () => {
  const wanted = process.env["PROPERTY_SEED"] ?? "20261122";
  const { seed } = fc.readConfigureGlobal();
  expect(seed).toBe(wanted === "random" ? undefined : Number(wanted));
});
