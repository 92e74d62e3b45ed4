import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createTaskRandom } from "../../../src/app/task-random.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { fillNormal } from "../../../src/random/samples.ts";

const rng = createTaskRandom({ seed: 3, seeds: { special: 9 } }, "walk");
const mean = (values: Iterable<number>): number => {
  const list = [...values];
  return list.reduce((sum, value) => sum + value, 0) / list.length;
};

test("numbers depend on seed, purpose and step alone, and fewer are the beginning of more", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(40), fc.nat(40), (step, few, more) => {
      const stream = rng.stream("noise");
      const [a, b] = [Math.min(few, more), Math.max(few, more)];
      for (const draw of ["uniform", "normal", "truncatedNormal"] as const) {
        expect(stream[draw](b, { step }).slice(0, a)).toEqual(
          rng.stream("noise")[draw](a, { step }),
        );
      }
      const whole = stream.integers(b, { step, below: 7 });
      expect(whole.slice(0, a)).toEqual(stream.integers(a, { step, below: 7 }));
    }),
    { numRuns: 50 },
  );
  expect(rng.stream("a").normal(3, { step: 1 })).not.toEqual(
    rng.stream("b").normal(3, { step: 1 }),
  );
  expect(rng.stream("a").normal(3, { step: 1 })).not.toEqual(
    rng.stream("a").normal(3, { step: 2 }),
  );
});

test("they are the numbers of src/random, with seeds for single purposes", () => {
  const expected = new Float32Array(5);
  fillNormal(createStreams(9).stream("special/inner"), expected, {
    step: 4,
    position: 0,
    elementsPerPosition: 5,
  });
  expect(rng.stream("special/inner").normal(5, { step: 4 })).toEqual(expected);
  const own = createTaskRandom({ seed: 3, seeds: { own: { special: 9 } } }, "walk");
  expect(own.stream("special/inner").normal(5, { step: 4 })).toEqual(expected);
});

test("ranges, means and orders are what was asked for", () => {
  const stream = rng.stream("ranges");
  const uniform = stream.uniform(20_000, { step: 0, from: -2, to: 6 });
  expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-2);
  expect(Math.max(...uniform)).toBeLessThan(6);
  expect(mean(uniform)).toBeCloseTo(2, 0);
  expect(mean(stream.normal(20_000, { step: 0, mean: 5, standardDeviation: 0.1 }))).toBeCloseTo(
    5,
    2,
  );
  expect(Math.max(...stream.truncatedNormal(20_000, { step: 0 }))).toBeLessThanOrEqual(2);
  expect(new Set(stream.integers(500, { step: 0, below: 6 }))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  const order = stream.permutation(100, { step: 3 });
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(order).not.toEqual(stream.permutation(100, { step: 4 }));
  expect(stream.permutation(0, { step: 0 })).toHaveLength(0);
});

test("wrong arguments are named, and a forgotten step is one", () => {
  const stream = rng.stream("noise");
  expect(() => stream.normal(3, undefined as never)).toThrow(
    'rng.stream("noise").normal: step is undefined; expected a whole number from 0 to 9007199254740991.',
  );
  expect(() => stream.uniform(-1, { step: 0 })).toThrow("how many is -1");
  expect(() => stream.integers(1, { step: 0, below: 0 })).toThrow(
    "below is 0; expected a whole number from 1",
  );
  expect(() => stream.permutation(2.5, { step: 0 })).toThrow("how many is 2.5");
  expect(() => rng.stream("a//b")).toThrow("is not the purpose of a random stream");
});

test("a task without a seed has no streams, and says how to get them", () => {
  const bare = createTaskRandom({ size: 1 }, "walk");
  expect(() => bare.stream("noise")).toThrow(
    "The task walk has no seed in its schema, so it has no random streams.",
  );
});
