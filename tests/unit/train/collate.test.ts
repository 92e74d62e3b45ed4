import { expect, test } from "vitest";
import { collate } from "../../../src/train/collate.ts";

const digest = (): string => "";

test("features are gathered in the order of the indices", () => {
  const labels = new Int32Array([7, 8, 9]);
  const examples = { size: 3, labels, features: new Float32Array([1, 2, 3, 4, 5, 6]), digest };
  expect(collate(examples, { kind: "features", numFeatures: 2 }, [2, 0, 2])).toEqual({
    batch: {
      kind: "features",
      size: 3,
      numFeatures: 2,
      features: new Float32Array([5, 6, 1, 2, 5, 6]),
    },
    targets: new Int32Array([9, 7, 9]),
  });
});

test("tokens come with the lengths of their examples", () => {
  const examples = {
    size: 2,
    labels: new Int32Array([0, 1]),
    tokens: new Int32Array([1, 2, 0, 3, 4, 5]),
    lengths: new Int32Array([2, 3]),
    digest,
  };
  const input = {
    kind: "tokens",
    sequenceLength: 3,
    vocabSize: 6,
    padId: 0,
    vocabulary: [],
  } as const;
  expect(collate(examples, input, [1, 0])).toEqual({
    batch: {
      kind: "tokens",
      size: 2,
      sequenceLength: 3,
      tokens: new Int32Array([3, 4, 5, 1, 2, 0]),
      lengths: new Int32Array([3, 2]),
    },
    targets: new Int32Array([1, 0]),
  });
});

test("windows of a text have the token after each one as its target; a short one is padded", () => {
  const text = { ids: new Int32Array([5, 6, 7, 8, 9, 4]), stride: 2, stretches: [] };
  const examples = { size: 3, labels: new Int32Array(), text, digest };
  const input = { kind: "language", sequenceLength: 3, vocabSize: 10, vocabulary: [] } as const;
  expect(collate(examples, input, [2, 0])).toEqual({
    batch: {
      kind: "tokens",
      size: 2,
      sequenceLength: 3,
      tokens: new Int32Array([9, 0, 0, 5, 6, 7]),
      lengths: new Int32Array([1, 3]),
    },
    targets: new Int32Array([4, -1, -1, 6, 7, 8]),
  });
});

test("a part without the promised arrays is our own mistake", () => {
  const examples = { size: 1, labels: new Int32Array([0]), digest };
  expect(() => collate(examples, { kind: "features", numFeatures: 2 }, [0])).toThrow(
    "internal: a part of the data set has no features",
  );
});
