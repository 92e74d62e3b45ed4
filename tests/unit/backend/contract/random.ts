/** Random tensors: the numbers of `src/random` by their definition, the same bits on every backend, and no gradient. */
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { gradientsOf } from "../compare.ts";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import {
  bernoulli,
  normal,
  uniform,
  type Draw,
} from "../../../../src/backend/operations-random.ts";
import { combined } from "../../../../src/backend/operations-projection.ts";
import { sum } from "../../../../src/backend/operations.ts";
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import { ExpError } from "../../../../src/core/errors.ts";
import { sha256 } from "../../../../src/core/hash.ts";
import { stepWords, type Use } from "../../../../src/random/counter.ts";
import { cos, log, sin } from "../../../../src/random/math.ts";
import { philox4x32 } from "../../../../src/random/philox.ts";
import { createStreams } from "../../../../src/random/streams.ts";

const stream = createStreams(7).stream("augmentation/test");
const at: Draw = { stream, step: 5, position: 3 };

const kinds: Readonly<Record<string, (shape: Shape, draw: Draw) => Tensor>> = {
  uniform: (shape, draw) => uniform(shape, { ...draw, from: -0.3, to: 0.9 }),
  normal: (shape, draw) => normal(shape, { ...draw, mean: 0.1, standardDeviation: 0.7 }),
  bernoulli: (shape, draw) => bernoulli(shape, { ...draw, probability: 0.3 }),
};

/** The block of four words that an element of an example is drawn from, in JavaScript. */
function wordsOf(use: Use, { step, position }: Draw, element: number): Uint32Array {
  const words = new Uint32Array(4);
  const block = Math.floor(element / 4);
  philox4x32([block, position, ...stepWords(use, step)], stream.key, words);
  return words;
}

function uniformAt(draw: Draw, element: number): number {
  return Math.floor((wordsOf("uniform", draw, element)[element % 4] ?? NaN) / 256) / 2 ** 24;
}

function normalAt(draw: Draw, element: number): number {
  const lane = element % 4;
  const [first = NaN, second = NaN] = wordsOf("normal", draw, element).slice(lane < 2 ? 0 : 2);
  const angle = 6.283185307179586 * (second / 2 ** 32);
  const radius = Math.sqrt(-2 * log((first + 1) / 2 ** 32));
  return Math.fround(radius * (lane % 2 === 0 ? cos(angle) : sin(angle)));
}

const definitions: Readonly<Record<string, typeof uniformAt>> = {
  uniform: (draw, element) => -0.3 + uniformAt(draw, element) * (0.9 - -0.3),
  normal: (draw, element) => 0.1 + normalAt(draw, element) * 0.7,
  bernoulli: (draw, element) => (uniformAt(draw, element) < 0.3 ? 1 : 0),
};

/** Draws, their bits and what they are refused for. */
export function describeRandom(): void {
  describe.each(Object.entries(kinds))("%s", (name, draw) => {
    test("is what Philox gives for stream, step, position and element", () => {
      const [examples, width] = [4, 7];
      const expected = Array.from({ length: examples * width }, (_, index) => {
        const place = { ...at, position: at.position + Math.floor(index / width) };
        return Math.fround(definitions[name]?.(place, index % width) ?? NaN);
      });
      expect([...valuesOf(() => draw([examples, width], at))]).toEqual(expected);
    });

    test("of a batch is that of its parts, however many axes and rows an example has", () => {
      const whole = valuesOf(() => draw([6, 5, 2], { ...at, position: 0 }));
      const parts = [0, 2, 4].flatMap((position) => [
        ...valuesOf(() => draw([4, 5], { ...at, position, numExamples: 2 })),
      ]);
      expect(parts).toEqual([...whole]);
    });

    test("is another one at another step, position or stream", () => {
      const values = (place: Partial<Draw>): string =>
        valuesOf(() => draw([1, 40], { ...at, ...place })).join();
      const other = createStreams(7).stream("augmentation/other");
      const all = [values({}), values({ step: 6 }), values({ position: 4 })];
      expect(new Set([...all, values({ stream: other })]).size).toBe(4);
      expect(values({})).toBe(all[0]);
    });

    test("is a float32 constant: what it multiplies has it as the gradient, and nothing is left", () => {
      const before = tf.memory().numTensors;
      const input = { shape: [3, 4], values: Array.from({ length: 12 }, () => 1) };
      const [gradient = []] = gradientsOf([input], ([tensor]) => {
        if (tensor === undefined) throw new Error("one input");
        const drawn = draw([3, 4], at);
        expect({ dtype: drawn.dtype, shape: drawn.shape }).toEqual({
          dtype: "float32",
          shape: [3, 4],
        });
        return sum(combined("Multiply", tensor, drawn));
      });
      expect(Array.from(gradient)).toEqual([...valuesOf(() => draw([3, 4], at))]);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  test("the bits are pinned: the same on every backend, and what a stored run depends on", () => {
    const digests = Object.values(kinds).map((draw) => {
      const { buffer } = valuesOf(() => draw([3, 70_001], at));
      return sha256(new Uint8Array(buffer)).slice(0, 16);
    });
    expect(digests).toEqual(["50ee4bb2066e443e", "bc966435241d487b", "7ca594ea767d02fd"]);
  });

  test("one number is the first of its place, and the ends of probability are never and always", () => {
    const [first] = valuesOf(() => uniform([3], { ...at, numExamples: 1 }));
    expect([...valuesOf(() => uniform([], at))]).toEqual([first]);
    const mask = (probability: number) =>
      new Set(valuesOf(() => bernoulli([999], { ...at, probability })));
    expect([mask(0), mask(1)]).toEqual([new Set([0]), new Set([1])]);
  });

  test.each(refusals)("%s", (message, attempt) => {
    expect(attempt).toThrow(ExpError);
    expect(attempt).toThrow(message);
  });
}

/** As JavaScript may give it, which no compiler looks at. */
const untyped = (fields: object): Draw => ({ ...at, ...fields });
const range = { from: 1, to: 0.5 };
const refusals: readonly (readonly [message: string, attempt: () => Tensor])[] = [
  ["uniform: shape[1] is 0; expected a whole number, at least 1.", () => uniform([2, 0], at)],
  ["normal: shape[0] is 1.5; expected a whole", () => normal([1.5], at)],
  ["normal: step is undefined; expected a whole", () => normal([1], untyped({ step: undefined }))],
  ["uniform: step is -1; expected", () => uniform([1], { ...at, step: -1 })],
  [
    "uniform: step is 9007199254740992; expected at most",
    () => uniform([1], { ...at, step: 2 ** 53 }),
  ],
  ["normal: position is 0.5; expected", () => normal([1], { ...at, position: 0.5 })],
  [
    "normal: position is 4294967295; expected positions",
    () => normal([2], { ...at, position: 2 ** 32 - 1 }),
  ],
  ["uniform: numExamples is 0; expected", () => uniform([1], { ...at, numExamples: 0 })],
  [
    "uniform: the first size of shape is 4; expected a multiple of 3",
    () => uniform([4], { ...at, numExamples: 3 }),
  ],
  [
    "normal: stream is no random stream; expected one such as mode.streams.stream(",
    () => normal([1], untyped({ stream: "augmentation" })),
  ],
  [
    "uniform: stream is no random stream",
    () => uniform([1], untyped({ stream: createStreams(1) })),
  ],
  ["uniform: stream is no random stream", () => uniform([1], untyped({ stream: undefined }))],
  [
    "uniform: to is 0.5; expected at least 1, which is from",
    () => uniform([1], { ...at, ...range }),
  ],
  ["uniform: from is NaN; expected a finite number", () => uniform([1], { ...at, from: NaN })],
  [
    "uniform: to is Infinity; expected a finite number",
    () => uniform([1], { ...at, to: Infinity }),
  ],
  ["normal: mean is Infinity; expected", () => normal([1], { ...at, mean: Infinity })],
  [
    "normal: standardDeviation is -1; expected",
    () => normal([1], { ...at, standardDeviation: -1 }),
  ],
  [
    "bernoulli: probability is 1.5; expected a number from 0 to 1.",
    () => bernoulli([1], { ...at, probability: 1.5 }),
  ],
  ["bernoulli: probability is NaN; expected", () => bernoulli([1], { ...at, probability: NaN })],
];
