import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { divide } from "../../../src/data/divide.ts";
import { errorOf } from "./helpers.ts";

interface Example {
  readonly text: string;
  readonly label: string;
}

const digestOf = ({ text }: Example): string => sha256(text);
const split = { validation: 0.2, test: 0.2, seed: 0 };
const numbered = (count: number, from = 0): readonly Example[] =>
  Array.from({ length: count }, (_, index) => ({
    text: `text ${index + from}`,
    label: index % 2 === 0 ? "a" : "b",
  }));

test("adding examples moves no other between parts", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...numbered(200)], { minLength: 100 }), (some) => {
      const all = divide({ parts: { train: numbered(300) } }, { split }, digestOf);
      const few = divide({ parts: { train: some } }, { split }, digestOf);
      for (const part of ["train", "validation", "test"] as const) {
        const known = new Set(all.parts[part].map(({ digest }) => digest));
        expect(few.parts[part].every(({ digest }) => known.has(digest))).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});

test("equal contents lie in one part, whatever their labels", () => {
  const twice = [...numbered(100), ...numbered(100).map(({ text }) => ({ text, label: "b" }))];
  const { parts } = divide({ parts: { train: twice } }, { split }, digestOf);
  const train = new Set(parts.train.map(({ digest }) => digest));
  const others = [...parts.validation, ...parts.test];
  expect(others.some(({ digest }) => train.has(digest))).toBe(false);
});

test("each part keeps the order of the source, and labels become indices", () => {
  const { parts, labels } = divide(
    { parts: { train: numbered(50) }, labels: ["b", "a"] },
    { split },
    digestOf,
  );
  const numbers = parts.train.map(({ example }) => Number(example.text.slice(5)));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(labels).toEqual(["b", "a"]);
  expect(parts.train.every(({ example, labelIndex }) => labels[labelIndex] === example.label)).toBe(
    true,
  );
});

test("a part with examples of its own is not split off, the missing one is", () => {
  const source = { parts: { train: numbered(100), validation: numbered(10, 1_000) } };
  const { parts } = divide(source, { split }, digestOf);
  expect(parts.validation.map(({ example }) => example)).toEqual(source.parts.validation);
  expect(parts.train.length + parts.test.length).toBe(100);
  expect(parts.test.length).toBeGreaterThan(5);
});

test("maxSamples cuts each list of the source", () => {
  const source = { parts: { train: numbered(100), validation: numbered(50, 1_000) } };
  const { parts } = divide(source, { split, maxSamples: 30 }, digestOf);
  expect(parts.train.length + parts.test.length).toBe(30);
  expect(parts.validation).toHaveLength(30);
});

test("a part without examples is an error", async () => {
  const error = await errorOf(() =>
    divide({ parts: { train: numbered(40) } }, { split: { ...split, validation: 0 } }, digestOf),
  );
  expect(error).toMatchObject({
    code: "data",
    message:
      "The part validation, which chooses the best checkpoint, has no examples (40 in all parts).",
    hint: "Raise data.maxSamples or data.split.validation, or give the part a file of its own.",
  });
});

test("the test part may be left out on purpose", () => {
  const { parts } = divide(
    { parts: { train: numbered(40) } },
    { split: { ...split, test: 0 } },
    digestOf,
  );
  expect(parts.test).toEqual([]);
});

test("another seed of the split moves examples between parts, the same one moves none", () => {
  const divided = (seed: number) => {
    const { parts } = divide(
      { parts: { train: numbered(100) } },
      { split: { ...split, seed } },
      digestOf,
    );
    return [parts.train, parts.validation, parts.test].map((part) =>
      part.map(({ digest }) => digest),
    );
  };
  expect(divided(3)).toEqual(divided(3));
  const [first, second] = [divided(0), divided(1)];
  for (const part of [0, 1, 2]) expect(second[part]).not.toEqual(first[part]);
});
