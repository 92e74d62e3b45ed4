import { expect, test } from "vitest";
import { stepWords, uses } from "../../../src/random/counter.ts";

test("the layout of words 2 and 3 is pinned: step below, then attempt and use", () => {
  expect(stepWords("uniform", 0)).toEqual([0, 0]);
  expect(stepWords("uniform", 7)).toEqual([7, 0]);
  expect(stepWords("uniform", 2 ** 32 + 7)).toEqual([7, 1]);
  expect(stepWords("uniform", 2 ** 53 - 1)).toEqual([0xffff_ffff, 0x001f_ffff]);
  expect(stepWords("normal", 0, 1)).toEqual([0, 0x1020_0000]);
  expect(stepWords("permutation", 2 ** 53 - 1, 127)).toEqual([0xffff_ffff, 0x4fff_ffff]);
  expect(uses).toEqual({ uniform: 0, normal: 1, truncatedNormal: 2, integer: 3, permutation: 4 });
});

test.each([-1, 0.5, 2 ** 53, NaN])("step %d is our own mistake", (step) => {
  expect(() => stepWords("uniform", step)).toThrowError(`internal: ${step} is no step or epoch`);
});
