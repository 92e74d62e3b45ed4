import { expect, test } from "vitest";
import { exp } from "../../../src/random/math.ts";
import { withSameFunctions } from "../../../src/random/same-functions.ts";

const names =
  "acos acosh asin asinh atan atanh cos cosh exp expm1 log log10 log1p log2 sin sinh tan tanh".split(
    " ",
  );

test("inside, the functions of Math are ours, and outside they are the engine's", () => {
  const before = Math.exp;
  expect(withSameFunctions(() => Math.exp(0.3))).toBe(exp(0.3));
  expect(withSameFunctions(() => Math.exp)).not.toBe(before);
  expect(Math.exp).toBe(before);
});

test("what is thrown inside is thrown on, and the functions are put back", () => {
  const before = Math.tanh;
  const fail = (): never => {
    throw new Error("inside");
  };
  expect(() => withSameFunctions(fail)).toThrow("inside");
  expect(Math.tanh).toBe(before);
});

test.each(names)("%s is within a unit in the last place or two of the engine's", (name) => {
  const at = (x: number): number => Math[name as "exp"](x);
  for (const x of [0.1, 0.25, 0.5, 0.9, 1, 1.5, 3]) {
    const [engine, ours] = [at(x), withSameFunctions(() => at(x))];
    const isEqual = Object.is(ours, engine);
    const distance = isEqual ? 0 : Math.abs(ours - engine) / Math.max(1, Math.abs(engine));
    expect(distance).toBeLessThanOrEqual(4e-16);
  }
});

test("functions of two arguments, too", () => {
  expect(withSameFunctions(() => Math.atan2(1, -2))).toBeCloseTo(Math.atan2(1, -2), 15);
  expect(withSameFunctions(() => Math.pow(2.5, 3.5))).toBeCloseTo(24.705294220065465, 12);
});
