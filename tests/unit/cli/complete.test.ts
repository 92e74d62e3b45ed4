import { createRequire } from "node:module";
import { expect, test } from "vitest";

interface Words {
  readonly split: (line: string) => readonly string[];
  readonly openQuote: (line: string) => string;
}
const require = createRequire(import.meta.url);
const { split, openQuote } = require("../../../src/cli/complete-words.cjs") as Words;

test.each([
  ["exp plan ", ["exp", "plan", ""]],
  ["exp pl", ["exp", "pl"]],
  ['exp  \'a b\' "c \\"d" e\\ f', ["exp", "a b", 'c "d', "e f"]],
  ["exp 'open quote", ["exp", "open quote"]],
  ["exp a'b'\"c\"", ["exp", "abc"]],
  ["exp lr=", ["exp", "lr="]],
  ["", [""]],
])("the words of %j are %j", (line, words) => {
  expect(split(line)).toEqual(words);
});

test.each([
  ["exp a", ""],
  ["exp 'a", "'"],
  ["exp 'a' \"b", '"'],
  ["exp \"it's", '"'],
  ["exp \\'a", ""],
  ["exp 'a\\'", ""],
  ['exp "a\\"', '"'],
])("the quote that is open at the end of %j is %j", (line, quote) => {
  expect(openQuote(line)).toBe(quote);
});
