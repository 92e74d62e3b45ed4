import * as fc from "fast-check";
import { expect, test } from "vitest";
import { buildVocabulary, splitWords } from "../../../src/data/tokenizer.ts";

test("letters stick together, digits and other visible characters stand alone", () => {
  expect(splitWords("Don't pay $1,250 — façade 漢字!", true)).toEqual([
    "don",
    "'",
    "t",
    "pay",
    "$",
    "1",
    ",",
    "2",
    "5",
    "0",
    "—",
    "fa",
    "ç",
    "ade",
    "漢",
    "字",
    "!",
  ]);
});

test("only ASCII letters are folded", () => {
  expect(splitWords("ABC É İ \u212a", true)).toEqual(["abc", "É", "İ", "\u212a"]);
  expect(splitWords("AbC É", false)).toEqual(["AbC", "É"]);
});

test("what prints nothing is not a token", () => {
  const invisible =
    "\0\t\n\r \u007f\u0085\u00a0\u00ad\u1680\u180e\u2003\u200b\u200e\u2028\u202f\u205f\u2060\u3000\ufeff";
  expect(splitWords(`a${invisible}b`, true)).toEqual(["a", "b"]);
  expect(splitWords("a\ud800b\udc00", true)).toEqual(["a", "b"]);
});

test("a character outside the basic plane is one token", () => {
  expect(splitWords("😀😀", true)).toEqual(["😀", "😀"]);
});

test("a limit gives the same tokens as cutting afterwards", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.nat(20),
      fc.boolean(),
      (text, limit, lowercase) => {
        expect(splitWords(text, lowercase, limit)).toEqual(
          splitWords(text, lowercase).slice(0, limit),
        );
      },
    ),
  );
});

test("tokens joined by spaces are cut into the same tokens again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const tokens = splitWords(text, true);
      expect(splitWords(tokens.join(" "), true)).toEqual(tokens);
    }),
  );
});

const sizes = { vocabSize: 100, minFrequency: 1 };

test("frequent tokens come first, ties in code-unit order, after the special ones", () => {
  const { tokens, idOf } = buildVocabulary(
    [
      ["b", "a", "é"],
      ["b", "Z"],
    ],
    sizes,
  );
  expect(tokens).toEqual(["[PAD]", "[UNK]", "[CLS]", "b", "Z", "a", "é"]);
  expect(["b", "é", "never"].map(idOf)).toEqual([3, 6, 1]);
});

test("rare tokens and those beyond the size are unknown", () => {
  const texts = [["a", "a", "a", "b", "b", "c"]];
  expect(buildVocabulary(texts, { ...sizes, minFrequency: 2 }).tokens.slice(3)).toEqual(["a", "b"]);
  expect(buildVocabulary(texts, { ...sizes, vocabSize: 4 }).tokens.slice(3)).toEqual(["a"]);
});

test("names of object members are ordinary tokens", () => {
  const { idOf } = buildVocabulary([["constructor"]], sizes);
  expect(idOf("constructor")).toBe(3);
  expect(idOf("toString")).toBe(1);
});
