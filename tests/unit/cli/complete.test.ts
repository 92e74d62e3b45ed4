import { createRequire } from "node:module";
import { expect, test } from "vitest";

interface Complete {
  readonly split: (line: string) => readonly string[];
}
const { split } = createRequire(import.meta.url)("../../../src/cli/complete.cjs") as Complete;

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
