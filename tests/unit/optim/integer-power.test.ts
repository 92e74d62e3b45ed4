import { expect, test } from "vitest";
import { integerPower } from "../../../src/optim/integer-power.ts";

test("is repeated multiplication", () => {
  expect([0, 1, 2, 3, 10].map((exponent) => integerPower(2, exponent))).toEqual([1, 2, 4, 8, 1024]);
  expect(integerPower(0, 0)).toBe(1);
  expect(integerPower(0, 5)).toBe(0);
});

test("agrees with the engine's power to a few last bits, also for a million steps", () => {
  for (const exponent of [7, 100, 9_999, 1_000_000]) {
    const expected = 0.999_99 ** exponent;
    expect(Math.abs(integerPower(0.999_99, exponent) / expected - 1)).toBeLessThan(1e-9);
  }
});
