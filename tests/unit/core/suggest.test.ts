import { expect, test } from "vitest";
import { nearest } from "../../../src/core/suggest.ts";

const keys = ["seed", "seeds", "weightDecay", "learningRate", "batchSize", "numLayers", "numHeads"];

test.each([
  ["sede", "seed"],
  ["weightDeacy", "weightDecay"],
  ["learning_rate", "learningRate"],
  ["batchsize", "batchSize"],
  ["BATCHSIZE", "batchSize"],
  ["numLayer", "numLayers"],
  ["seeds", "seeds"],
])("%s finds %s", (word, expected) => {
  expect(nearest(word, keys)).toBe(expected);
});

test.each(["optimizer", "x", "", "epochs", "z".repeat(100_000)])(
  "nothing is near to the word %#",
  (word) => {
    expect(nearest(word, keys)).toBeUndefined();
  },
);

test("no candidates give no answer", () => {
  expect(nearest("seed", [])).toBeUndefined();
});

test("a beginning finds the shortest name that goes on from it, but only from four letters", () => {
  const names = ["dropoutRateOfAttention", "dropoutRate", "numDropped"];
  expect(nearest("dropout", names)).toBe("dropoutRate");
  expect(nearest("dro", names)).toBeUndefined();
});

test("a name within reach wins over a longer one that begins with the word", () => {
  expect(nearest("warm", ["warmupSteps", "wart"])).toBe("wart");
});

test("of equally near names the first wins", () => {
  expect(nearest("bat", ["cat", "hat"])).toBe("cat");
  expect(nearest("bat", ["hat", "cat"])).toBe("hat");
});

test("a swap of neighbours is one change, so it beats two replacements", () => {
  expect(nearest("abdc", ["abcd", "abxx"])).toBe("abcd");
});

test("of equally near names the one with most of the word's letters wins: letters were swapped, not lost", () => {
  expect(nearest("modle", ["mode", "model"])).toBe("model");
  expect(nearest("modle", ["model", "mode"])).toBe("model");
});
