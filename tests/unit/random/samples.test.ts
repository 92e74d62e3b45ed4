import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepWords, type Use } from "../../../src/random/counter.ts";
import { cos, log, sin } from "../../../src/random/math.ts";
import { philox4x32 } from "../../../src/random/philox.ts";
import {
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  integerBelow,
} from "../../../src/random/samples.ts";
import { createStreams, type RandomStream } from "../../../src/random/streams.ts";
import { correlation, countKinds, mean, unevenness, variance } from "./statistics.ts";

const stream = createStreams(0).stream("dropout/test");
const fills = { uniform: fillUniform, normal: fillNormal, truncatedNormal: fillTruncatedNormal };
type Kind = keyof typeof fills;
const kinds = Object.keys(fills) as Kind[];

interface Place {
  readonly step: number;
  readonly position: number;
  readonly elementsPerPosition: number;
}

function draw(kind: Kind, size: number, at: Place): Float32Array {
  const out = new Float32Array(size);
  fills[kind](stream, out, at);
  return out;
}

describe("a sample depends on its place only", () => {
  const place = fc.record({
    step: fc.oneof(fc.nat(100), fc.nat(Number.MAX_SAFE_INTEGER)),
    position: fc.oneof(fc.nat(100), fc.constant(2 ** 32 - 8)),
    elementsPerPosition: fc.integer({ min: 1, max: 40 }),
  });

  test.each(kinds)(
    "%s: drawn in parts by position, a batch holds what it holds drawn at once",
    (kind) => {
      fc.assert(
        fc.property(
          place,
          fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
          (at, parts) => {
            const numPositions = parts.reduce((total, size) => total + size, 1);
            const whole = draw(kind, numPositions * at.elementsPerPosition, at);
            let position = 0;
            for (const size of [...parts, 1]) {
              const part = draw(kind, size * at.elementsPerPosition, {
                ...at,
                position: at.position + position,
              });
              const start = position * at.elementsPerPosition;
              expect(part).toEqual(whole.slice(start, start + part.length));
              position += size;
            }
          },
        ),
        { numRuns: 50 },
      );
    },
  );

  test("4 micro-batches of 4 draw the masks of 1 batch of 16", () => {
    const elementsPerPosition = 3 * 7;
    const whole = draw("uniform", 16 * elementsPerPosition, {
      step: 5,
      position: 0,
      elementsPerPosition,
    });
    const parts = [0, 4, 8, 12].flatMap((position) => [
      ...draw("uniform", 4 * elementsPerPosition, { step: 5, position, elementsPerPosition }),
    ]);
    expect(parts).toEqual([...whole]);
  });

  test.each(kinds)("%s: an example that is longer begins with the shorter one", (kind) => {
    const [step, position] = [2, 9];
    const long = draw(kind, 30, { step, position, elementsPerPosition: 30 });
    const short = draw(kind, 13, { step, position, elementsPerPosition: 13 });
    expect(short).toEqual(long.slice(0, 13));
  });

  test.each(kinds)(
    "%s: rows longer than the buffer of the WebAssembly module are cut unseen",
    (kind) => {
      const elementsPerPosition = 65_536 + 4 + 3;
      const two = draw(kind, 2 * elementsPerPosition, {
        step: 1,
        position: 4,
        elementsPerPosition,
      });
      const second = draw(kind, elementsPerPosition, { step: 1, position: 5, elementsPerPosition });
      expect(
        two.findIndex(
          (value, index) => index >= second.length && value !== second[index - second.length],
        ),
      ).toBe(-1);
      expect(Array.from(two.subarray(65_534, 65_542))).toEqual(
        [65_534, 65_535, 65_536, 65_537, 65_538, 65_539, 65_540, 65_541].map((element) =>
          reference(kind, stream, { step: 1, position: 4, element }),
        ),
      );
    },
  );

  test("many short rows fill more than one buffer", () => {
    const out = draw("uniform", 70_000 * 3, { step: 1, position: 0, elementsPerPosition: 3 });
    const last = draw("uniform", 3, { step: 1, position: 69_999, elementsPerPosition: 3 });
    expect(out.slice(-3)).toEqual(last);
  });
});

/** One sample by its definition: Philox in JavaScript, and the layout of the counter as the README has it. */
function reference(
  kind: Kind,
  { key }: RandomStream,
  at: { step: number; position: number; element: number },
): number {
  for (let attempt = 0; ; attempt++) {
    const value = referenceAttempt(kind, wordsAt(kind, key, { ...at, attempt }), at.element % 4);
    if (kind !== "truncatedNormal" || Math.abs(value) <= 2) return Math.fround(value);
  }
}

function wordsAt(
  use: Use,
  key: readonly [number, number],
  at: { step: number; position: number; element: number; attempt: number },
): Uint32Array {
  const words = new Uint32Array(4);
  const block = Math.floor(at.element / 4);
  philox4x32([block, at.position, ...stepWords(use, at.step, at.attempt)], key, words);
  return words;
}

function referenceAttempt(kind: Kind, words: Uint32Array, lane: number): number {
  if (kind === "uniform") return Math.floor((words[lane] ?? NaN) / 256) / 2 ** 24;
  const [first = NaN, second = NaN] = words.slice(lane < 2 ? 0 : 2);
  const radius = Math.sqrt(-2 * log((first + 1) / 2 ** 32));
  const angle = 6.283185307179586 * (second / 2 ** 32);
  return radius * (lane % 2 === 0 ? cos(angle) : sin(angle));
}

test.each(kinds)("%s: every sample is that of the written-down definition", (kind) => {
  const elements = 9;
  fc.assert(
    fc.property(fc.nat(Number.MAX_SAFE_INTEGER), fc.nat(2 ** 32 - 3), (step, position) => {
      const out = draw(kind, 2 * elements, { step, position, elementsPerPosition: elements });
      const expected = Array.from({ length: 2 * elements }, (_, index) => {
        const place = { step, position: position + Math.floor(index / elements) };
        return reference(kind, stream, { ...place, element: index % elements });
      });
      expect([...out]).toEqual(expected);
    }),
  );
});

test("the first samples are pinned: every stored run depends on them", () => {
  const at = { step: 1, position: 2, elementsPerPosition: 5 };
  expect(kinds.map((kind) => [...draw(kind, 5, at)])).toMatchInlineSnapshot(`
    [
      [
        0.8255266547203064,
        0.906101405620575,
        0.5421991944313049,
        0.04496884346008301,
        0.44462013244628906,
      ],
      [
        0.9790810346603394,
        -0.8096597790718079,
        -1.4389272928237915,
        0.5043132901191711,
        0.03554840013384819,
      ],
      [
        -0.5595465302467346,
        -1.1528074741363525,
        -0.7853065133094788,
        0.7322679162025452,
        -0.05277694761753082,
      ],
    ]
  `);
  const integers = [0, 1, 2, 3, 4].map((element) =>
    integerBelow(stream, 1000, { step: 1, position: 2, element }),
  );
  expect(integers).toMatchInlineSnapshot(`
    [
      830,
      960,
      247,
      42,
      845,
    ]
  `);
});

test("normals need no place: then all of them are one position of step 0", () => {
  const at = { step: 0, position: 0, elementsPerPosition: 10 };
  for (const fill of [fillNormal, fillTruncatedNormal]) {
    const [plain, placed] = [new Float32Array(10), new Float32Array(10)];
    fill(stream, plain);
    fill(stream, placed, at);
    expect(plain).toEqual(placed);
  }
  expect(() => fillNormal(stream, new Float32Array(0))).not.toThrowError();
});

describe("distributions, on fixed seeds", () => {
  const size = 2 ** 17;
  const at = { step: 1, position: 0, elementsPerPosition: 512 };
  const uniforms = draw("uniform", size, at);

  test("uniforms lie in [0, 1), are multiples of 2^-24 and fill 256 bins evenly", () => {
    expect(
      uniforms.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24)),
    ).toBe(true);
    expect(Math.abs(mean(uniforms) - 1 / 2)).toBeLessThan(4 / Math.sqrt(12 * size));
    expect(Math.abs(variance(uniforms) - 1 / 12)).toBeLessThan(0.0006);
    const bins = countKinds(
      Array.from(uniforms, (value) => Math.floor(value * 256)),
      256,
    );
    expect(Math.abs(unevenness(bins))).toBeLessThan(4);
    const lowBits = countKinds(
      Array.from(uniforms, (value) => (value * 2 ** 24) % 256),
      256,
    );
    expect(Math.abs(unevenness(lowBits))).toBeLessThan(4);
  });

  test.each<[string, Float32Array]>([
    ["elements", draw("uniform", size, at).subarray(1)],
    ["positions", draw("uniform", size, { ...at, position: 1 })],
    ["steps", draw("uniform", size, { ...at, step: 2 })],
  ])("neighbouring %s are not correlated", (_name, neighbours) => {
    const others = uniforms.subarray(0, neighbours.length);
    expect(Math.abs(correlation(others, neighbours))).toBeLessThan(4 / Math.sqrt(size));
  });

  test("streams are not correlated with each other, nor kinds of samples of one stream", () => {
    const other = new Float32Array(size);
    fillUniform(createStreams(0).stream("dropout/test2"), other, at);
    expect(Math.abs(correlation(uniforms, other))).toBeLessThan(4 / Math.sqrt(size));
    const normals = draw("normal", size, at);
    expect(Math.abs(correlation(uniforms, normals))).toBeLessThan(4 / Math.sqrt(size));
    const truncated = draw("truncatedNormal", size, at);
    expect(Math.abs(correlation(normals, truncated))).toBeLessThan(4 / Math.sqrt(size));
  });

  test("normals have mean 0, variance 1, and the shares within 1, 2 and 3 that tables give", () => {
    const normals = draw("normal", size, at);
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(size));
    expect(Math.abs(variance(normals) - 1)).toBeLessThan(4 * Math.sqrt(2 / size));
    expect(Math.abs(mean(normals.map((value) => value ** 3)))).toBeLessThan(
      4 * Math.sqrt(15 / size),
    );
    expect(Math.abs(mean(normals.map((value) => value ** 4)) - 3)).toBeLessThan(
      4 * Math.sqrt(96 / size),
    );
    for (const [limit, share] of [
      [1, 0.6826895],
      [2, 0.9544997],
      [3, 0.9973002],
    ] as const) {
      const inside = normals.filter((value) => Math.abs(value) < limit).length / size;
      expect(Math.abs(inside - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / size));
    }
    const pairs = [
      normals.filter((_, index) => index % 2 === 0),
      normals.filter((_, index) => index % 2 === 1),
    ] as const;
    expect(Math.abs(correlation(...pairs))).toBeLessThan(4 / Math.sqrt(size / 2));
  });

  test("truncated normals stay within 2, with mean 0 and standard deviation 0.8796", () => {
    const truncated = draw("truncatedNormal", size, at);
    const largest = truncated.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(2);
    expect(largest).toBeGreaterThan(1.999);
    expect(Math.abs(mean(truncated))).toBeLessThan((4 * 0.88) / Math.sqrt(size));
    expect(Math.abs(Math.sqrt(variance(truncated)) - 0.879626)).toBeLessThan(0.004);
  });

  test.each([6, 3 * 2 ** 30])("integers below %d are equally likely", (bound) => {
    const place = { step: 1, position: 0 };
    const drawn = Array.from({ length: 30_000 }, (_, element) =>
      integerBelow(stream, bound, { ...place, element }),
    );
    expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < bound)).toBe(
      true,
    );
    const sixths = countKinds(
      drawn.map((value) => Math.floor((value / bound) * 6)),
      6,
    );
    expect(Math.abs(unevenness(sixths))).toBeLessThan(4);
  });
});

describe("what does not fit the counter is our own mistake", () => {
  const good = { step: 0, position: 0, elementsPerPosition: 2 };
  test.each<[string, Partial<Place>, string]>([
    [
      "a part of an example",
      { elementsPerPosition: 3 },
      "internal: 4 samples are no whole number of examples of 3",
    ],
    [
      "no elements",
      { elementsPerPosition: 0 },
      "internal: 4 samples are no whole number of examples of 0",
    ],
    [
      "a negative number of elements",
      { elementsPerPosition: -2 },
      "internal: 4 samples are no whole number of examples of -2",
    ],
    [
      "a negative position",
      { position: -1 },
      "internal: -1 does not fit a word of the random counter",
    ],
    [
      "a last position beyond 32 bits",
      { position: 2 ** 32 - 1 },
      "internal: 4294967296 does not fit a word of the random counter",
    ],
    ["a fractional step", { step: 0.5 }, "internal: 0.5 is no step or epoch"],
  ])("%s", (_name, change, message) => {
    expect(() => draw("uniform", 4, { ...good, ...change })).toThrowError(message);
  });

  test.each([0, -1, 1.5, 2 ** 32 + 1, NaN])("%d is no bound", (bound) => {
    const place = { step: 0, position: 0, element: 0 };
    expect(() => integerBelow(stream, bound, place)).toThrowError(
      `internal: ${bound} is no bound of random integers`,
    );
  });

  test("the largest and the smallest bound work", () => {
    const place = { step: 0, position: 0, element: 0 };
    expect(integerBelow(stream, 1, place)).toBe(0);
    expect(integerBelow(stream, 2 ** 32, place)).toBeGreaterThan(1000);
  });
});
