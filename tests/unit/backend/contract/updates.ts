/**
 * What training does in place, on arrays that lie where the backend's kernels reach them: optimizers against their
 * formulas in float64, sums of squares, averages, checksums.
 */
import { describe, expect, test } from "vitest";
import { checksums } from "../../../../src/backend/checksums.ts";
import { placeTensors, type PlacedTensors } from "../../../../src/backend/host-tensors.ts";
import {
  addInPlace,
  moveTowards,
  scaleInPlace,
  squaredNorms,
} from "../../../../src/backend/updates.ts";
import { checksum64 } from "../../../../src/core/checksum.ts";
import { globalNorm } from "../../../../src/optim/clip.ts";
import { createOptimizer } from "../../../../src/optim/optimizer.ts";
import { floats } from "../../../../src/optim/slots.ts";
import { floatSamples } from "./samples.ts";
import { optimizerCases, type OptimizerCase } from "./update-cases.ts";

/** None, one, an odd end of a vector, many pieces with an odd end, and more than a million. */
const sizes = [0, 1, 1_023, 40_001, 1_000_003];

/** Over empty, odd and huge arrays. */
export function describeUpdates(): void {
  describe.each(optimizerCases)("$title", (optimizerCase) => {
    test.each(sizes)("moves %i weights as its formula says", (size) => {
      expectFormula(optimizerCase, size);
    });
  });
  describe.each(sizes)("arrays of %i", (size) => {
    test("are scaled, added and averaged as in float64, rounded once", () => {
      expectInPlace(size);
    });
    test("have the sum of squares of float64, and their checksum", () => {
      expectSums(size);
    });
  });
  test("the norm of all gradients is that of one list", () => {
    const placed = place(Object.fromEntries(sizes.map((size) => [String(size), size])));
    const all = sizes.flatMap((size) => [...floatSamples(`updates/${size}`, [size])]);
    const expected = Math.sqrt(all.reduce((sum, value) => sum + value * value, 0));
    expect(globalNorm(placed.tensors) / expected).toBeCloseTo(1, 12);
    placed.release();
  });
}

/** Samples by name and number, placed. */
function place(lengths: Readonly<Record<string, number>>): PlacedTensors {
  const tensors = Object.entries(lengths).map(([name, length]) => {
    const values = floatSamples(`updates/${name}`, [length]);
    return [name, { dtype: "F32", shape: [length], values }] as const;
  });
  return placeTensors(new Map(tensors));
}

function expectFormula({ config, slots, formula }: OptimizerCase, size: number): void {
  const optimizer = createOptimizer(config, [{ name: "w", decay: true }]);
  const [parameters, gradients] = [place({ w: size }), place({ w: size })];
  const state = placeTensors(optimizer.init(parameters.tensors));
  const expected = floats(parameters.tensors, "w").slice();
  const own = slots.map(() => new Float32Array(size));
  for (let step = 1; step <= 3; step++) {
    const gradient = floatSamples(`gradient/${step}`, [size]);
    floats(gradients.tensors, "w").set(gradient);
    const at = { step, learningRate: 0.01 / step };
    optimizer.update(
      { parameters: parameters.tensors, gradients: gradients.tensors, state: state.tensors },
      at,
    );
    for (let i = 0; i < size; i++) {
      const moved = formula(
        { weight: expected[i] ?? NaN, gradient: gradient[i] ?? NaN, at },
        own.map((slot) => slot[i] ?? NaN),
      );
      expected[i] = moved.weight;
      for (const [index, slot] of own.entries()) slot[i] = moved.slots[index] ?? NaN;
    }
  }
  // The formula is written in another order, and a step of Adam is float32: where steps of 0.01 leave a small weight, some
  // last bits are others; and where a penalty makes weights part of a mean, there too.
  expect(furthest(floats(parameters.tensors, "w"), expected, 1e-2)).toBeLessThan(1e-6);
  for (const [index, slot] of slots.entries()) {
    const actual = floats(state.tensors, `${slot}/w`);
    expect(furthest(actual, own[index] ?? new Float32Array(), 1e-2)).toBeLessThan(1e-6);
  }
  for (const { release } of [parameters, gradients, state]) release();
}

/** The largest difference, as a share of the value or of `least` where that is less. NaN counts as infinitely far. */
function furthest(actual: Float32Array, expected: Float32Array, least = 1e-3): number {
  if (actual.length !== expected.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const value = expected[i] ?? NaN;
    const distance = Math.abs((actual[i] ?? NaN) - value) / Math.max(Math.abs(value), least);
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance);
  }
  return worst;
}

function expectInPlace(size: number): void {
  const placed = place({ a: size, b: size });
  const [a, b] = [floats(placed.tensors, "a"), floats(placed.tensors, "b")];
  const [first, second] = [a.slice(), b.slice()];
  scaleInPlace(a, 0.3);
  expect(
    isEqual(
      a,
      first.map((value) => value * 0.3),
    ),
  ).toBe(true);
  a.set(first);
  addInPlace(a, b);
  expect(
    isEqual(
      a,
      first.map((value, i) => value + (second[i] ?? NaN)),
    ),
  ).toBe(true);
  a.set(first);
  moveTowards(a, b, 0.01);
  const moved = first.map((value, i) => (1 - 0.01) * value + 0.01 * (second[i] ?? NaN));
  expect(isEqual(a, moved)).toBe(true);
  placed.release();
}

function isEqual(actual: Float32Array, expected: Float32Array): boolean {
  return furthest(actual, expected) === 0;
}

function expectSums(size: number): void {
  const placed = place({ a: size });
  const values = floats(placed.tensors, "a");
  const own = values.slice();
  const expected = own.reduce((sum, value) => sum + value * value, 0);
  expect(Math.abs((squaredNorms([values])[0] ?? NaN) - expected)).toBeLessThanOrEqual(
    1e-12 * expected,
  );
  expect(checksums([values])).toEqual([checksum64(own)]);
  placed.release();
}
