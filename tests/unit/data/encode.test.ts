import { expect, test } from "vitest";
import { encodeFeatures, encodeTexts } from "../../../src/data/encode.ts";

const tokenizer = { kind: "words" as const, vocabSize: 100, minFrequency: 1, lowercase: true };
const example = (
  text: string,
  labelIndex = 0,
): { example: { text: string }; digest: string; labelIndex: number } => ({
  example: { text },
  digest: `digest of ${text}`,
  labelIndex,
});

const parts = {
  train: [example("b a b", 1), example("one two three four")],
  validation: [example("b never four")],
  test: [example("")],
};

test("an example is [CLS], its tokens and padding", () => {
  const { parts: encoded, vocabulary } = encodeTexts(parts, tokenizer, 4);
  expect(vocabulary.tokens).toEqual(["[PAD]", "[UNK]", "[CLS]", "b", "a", "one", "three", "two"]);
  expect([...(encoded.train.tokens ?? [])]).toEqual([2, 3, 4, 3, 2, 5, 7, 6]);
  expect([...(encoded.train.lengths ?? [])]).toEqual([4, 4]);
  expect([...encoded.train.labels]).toEqual([1, 0]);
  expect([...(encoded.validation.tokens ?? [])]).toEqual([2, 3, 1, 1]);
  expect([...(encoded.test.tokens ?? [])]).toEqual([2, 0, 0, 0]);
  expect([...(encoded.test.lengths ?? [])]).toEqual([1]);
});

test("the facts count what was cut, empty or unknown", () => {
  const { facts } = encodeTexts(parts, tokenizer, 4);
  expect(facts).toEqual({
    train: { numCut: 1, numEmpty: 0, unknownTokenShare: 0 },
    validation: { numCut: 0, numEmpty: 0, unknownTokenShare: 2 / 3 },
    test: { numCut: 0, numEmpty: 1, unknownTokenShare: 0 },
  });
});

test("validation and test texts add nothing to the vocabulary", () => {
  const more = { ...parts, validation: [example("x y z")], test: [example("x x x")] };
  const { tokens } = encodeTexts(parts, tokenizer, 4).vocabulary;
  expect(encodeTexts(more, tokenizer, 4).vocabulary.tokens).toEqual(tokens);
});

test("an example's digest is found by its index, and no other is made up", () => {
  const { train } = encodeTexts(parts, tokenizer, 4).parts;
  expect(train.digest(0)).toBe("digest of b a b");
  expect(() => train.digest(2)).toThrow("no example 2 of 2");
});

test("features lie one example after the other", () => {
  const part = [1, 3].map((value) => ({
    ...example("", value),
    example: { features: Float32Array.of(value, value + 1) },
  }));
  const encoded = encodeFeatures(part, 2);
  expect([...(encoded.features ?? [])]).toEqual([1, 2, 3, 4]);
  expect(encoded.size).toBe(2);
});
