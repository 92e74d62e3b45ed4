import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clipGradients, globalNorm } from "../../../src/optim/clip.ts";
import { tensorsOf, valuesAt } from "./host-tensors.ts";

test("the norm is over all elements of all tensors", () => {
  expect(globalNorm(tensorsOf({ a: [3, 0], b: [4] }))).toBe(5);
  expect(globalNorm(new Map())).toBe(0);
});

test("the norm does not overflow where squares leave float32, and is NaN when a gradient is", () => {
  expect(globalNorm(tensorsOf({ a: [2 ** 100, 0] }))).toBe(2 ** 100);
  expect(globalNorm(tensorsOf({ a: [1, NaN] }))).toBeNaN();
});

test("a long gradient is scaled as PyTorch does, a short one stays as it is", () => {
  const long = tensorsOf({ a: [3, 0], b: [4] });
  clipGradients(long, { norm: 5, maxGradNorm: 1 });
  // torch.nn.utils.clip_grad_norm_: each times 1 / (5 + 1e-6)
  expect(valuesAt(long, "a")).toEqual([3 / (5 + 1e-6), 0].map(Math.fround));
  expect(valuesAt(long, "b")).toEqual([4 / (5 + 1e-6)].map(Math.fround));
  const short = tensorsOf({ a: [3], b: [4] });
  clipGradients(short, { norm: 5, maxGradNorm: 5.1 });
  expect([...valuesAt(short, "a"), ...valuesAt(short, "b")]).toEqual([3, 4]);
});

test("after clipping the norm is at most the limit, and the direction is the same", () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
  const limits = fc.double({ min: 0.01, max: 10, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), limits, (values, maxGradNorm) => {
      const gradients = tensorsOf({ a: values });
      const norm = globalNorm(gradients);
      clipGradients(gradients, { norm, maxGradNorm });
      expect(globalNorm(gradients)).toBeLessThanOrEqual(maxGradNorm * (1 + 1e-6));
      const clipped = valuesAt(gradients, "a");
      expect(clipped.map(Math.sign)).toEqual(
        values.map((x, i) => (clipped[i] === 0 ? clipped[i] : Math.sign(x))),
      );
    }),
    { seed: 3 },
  );
});
