import { expect, test } from "vitest";
import {
  filled,
  glorotNormal,
  heNormal,
  normal,
  truncatedNormal,
} from "../../../src/model/initialise.ts";
import { createStreams } from "../../../src/random/streams.ts";

const stream = createStreams(2).stream("init/test");

function moments(values: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { mean, deviation: Math.sqrt(variance), largest };
}

/** 20,000 samples: the standard error of a deviation σ is σ/√40,000 = 0.005·σ; four of them are allowed. */
const size = 20_000;

test("normal has the standard deviation that is asked for", () => {
  const { mean, deviation } = moments(normal(size, 0.5)(stream));
  expect(Math.abs(mean)).toBeLessThan(4 * (0.5 / Math.sqrt(size)));
  expect(Math.abs(deviation / 0.5 - 1)).toBeLessThan(0.02);
});

test("truncated normal stays within two standard deviations", () => {
  const { deviation, largest } = moments(truncatedNormal(size, 0.02)(stream));
  expect(largest).toBeLessThanOrEqual(0.04 + 1e-9);
  // A standard normal cut at ±2 has the deviation 0.8796.
  expect(Math.abs(deviation / (0.02 * 0.8796) - 1)).toBeLessThan(0.02);
});

test("He's and Glorot's deviations follow from the shape [out, in]", () => {
  const he = moments(heNormal([100, 200])(stream));
  expect(Math.abs(he.deviation / Math.sqrt(2 / 200) - 1)).toBeLessThan(0.02);
  const glorot = moments(glorotNormal([100, 200])(stream));
  expect(Math.abs(glorot.deviation / Math.sqrt(2 / 300) - 1)).toBeLessThan(0.02);
});

test("the same stream gives the same values, and constants draw nothing", () => {
  expect(normal(10, 1)(stream)).toEqual(normal(10, 1)(stream));
  expect([...filled(3, 1)(stream)]).toEqual([1, 1, 1]);
});
