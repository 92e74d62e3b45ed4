import { expect, test } from "vitest";
import { drawClass } from "../../../src/train/sample.ts";

const logits = Float32Array.of(0, 2, 1, 2); // weights 1, e², e, e² over their sum: .0512, .3785, .1392, .3785 … by rank

test("the likeliest classes come first, equal ones in their order", () => {
  const all = { temperature: 1, topK: null };
  const drawn = [0, 0.39, 0.41, 0.78, 0.8, 0.93, 0.95, 0.999].map((uniform) =>
    drawClass(logits, all, uniform),
  );
  expect(drawn).toEqual([1, 1, 3, 3, 2, 2, 0, 0]);
});

test("topK leaves only the likeliest, whose chances then add up to 1", () => {
  const drawn = [0, 0.49, 0.51, 0.999].map((uniform) =>
    drawClass(logits, { temperature: 1, topK: 2 }, uniform),
  );
  expect(drawn).toEqual([1, 1, 3, 3]);
});

test("a low temperature sharpens, a high one flattens, and 0 takes the likeliest", () => {
  const draw = (temperature: number): number =>
    drawClass(Float32Array.of(1, 0), { temperature, topK: null }, 0.6);
  expect([draw(100), draw(0.1), draw(0)]).toEqual([1, 0, 0]);
  expect(drawClass(logits, { temperature: 0, topK: null }, 0.999)).toBe(1);
});

test("huge logits are no overflow, and what is no number is refused", () => {
  const settings = { temperature: 0.01, topK: null };
  expect(drawClass(Float32Array.of(-1e30, 1e30), settings, 0.999)).toBe(1);
  expect(() => drawClass(Float32Array.of(0, NaN), settings, 0)).toThrow("gives no number");
});
