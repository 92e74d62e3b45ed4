import * as fc from "fast-check";
import { expect, test } from "vitest";
import { classify } from "../../../src/train/classify.ts";

test("probabilities are the softmax and the loss its negative logarithm", () => {
  // logits ln 1, ln 2, ln 5 give 1/8, 2/8, 5/8
  const logits = new Float32Array([0, Math.log(2), Math.log(5), 1, 1, 1]);
  const { predicted, probabilities, lossSum } = classify(logits, new Int32Array([1, 0]));
  expect([...predicted]).toEqual([2, 0]); // of equal logits the first
  [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3].forEach((value, index) => {
    expect(probabilities[index]).toBeCloseTo(value, 6);
  });
  expect(lossSum).toBeCloseTo(Math.log(4) + Math.log(3), 6);
});

test("large logits do not overflow", () => {
  const { probabilities, lossSum } = classify(
    new Float32Array([1e30, -1e30, 3e38, 3e38]),
    new Int32Array([0, 1]),
  );
  expect([...probabilities]).toEqual([1, 0, 0.5, 0.5]);
  expect(lossSum).toBeCloseTo(Math.log(2), 12);
});

test.each([
  [NaN, 0],
  [0, NaN],
  [Infinity, 0],
])("logits %f and %f show in the loss", (first, second) => {
  const { lossSum } = classify(new Float32Array([first, second]), new Int32Array([0]));
  expect(Number.isFinite(lossSum)).toBe(false);
});

test("adding the same number to all logits of a row changes nothing but rounding", () => {
  const row = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(row, fc.integer({ min: -100, max: 100 }), (logits, shift) => {
      const label = new Int32Array([0]);
      const plain = classify(new Float32Array(logits), label);
      const moved = classify(new Float32Array(logits.map((each) => each + shift)), label);
      expect(moved.predicted).toEqual(plain.predicted);
      expect(moved.lossSum).toBeCloseTo(plain.lossSum, 9);
    }),
  );
});
