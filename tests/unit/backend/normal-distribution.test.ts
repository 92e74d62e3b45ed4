import { expect, test } from "vitest";
import { distribution, geluSlope } from "../../../src/backend/kernels/normal-distribution.ts";

test("the table has the values of published tables of the normal distribution", () => {
  // Abramowitz & Stegun, "Handbook of Mathematical Functions", table 26.1
  expect(distribution(0)).toBe(0.5);
  expect(distribution(1)).toBeCloseTo(0.841_344_746_068_543, 13);
  expect(distribution(2)).toBeCloseTo(0.977_249_868_051_821, 13);
  expect(distribution(-3)).toBeCloseTo(0.001_349_898_031_630, 13);
});

test("neighbouring polynomials meet: Φ rises everywhere and has no jump", () => {
  let last = 0;
  for (let x = -8; x < 8; x += 1 / 512) {
    const value = distribution(x);
    const rise = value - last;
    expect(rise).toBeGreaterThanOrEqual(-1e-15);
    expect(rise).toBeLessThan(0.4 / 512 + 1e-12);
    last = value;
  }
  expect(last).toBeCloseTo(1, 13);
});

test("Φ(-x) is 1 - Φ(x)", () => {
  for (let x = 0; x < 8; x += 0.037) {
    expect(distribution(-x)).toBeCloseTo(1 - distribution(x), 13);
  }
});

test("the slope of GELU is its central difference", () => {
  const gelu = (x: number): number => x * distribution(x);
  for (let x = -7.9; x < 7.9; x += 0.0917) {
    expect(geluSlope(x)).toBeCloseTo((gelu(x + 1e-5) - gelu(x - 1e-5)) / 2e-5, 8);
  }
});

test("beyond the table the limits hold, and NaN stays NaN", () => {
  expect([distribution(-Infinity), distribution(Infinity)]).toEqual([0, 1]);
  expect([geluSlope(-50), geluSlope(50)]).toEqual([0, 1]);
  expect([distribution(NaN), geluSlope(NaN)]).toEqual([NaN, NaN]);
});
