import { expect, test } from "vitest";
import { parseJsonl } from "../../../src/data/jsonl.ts";
import { errorOf } from "./helpers.ts";

const format = { fields: { text: "text", label: "label" } };

test("labels may be strings, integers or booleans", () => {
  const text =
    '{"text":"a","label":"x"}\r\n{"label":3,"text":"b","more":[]}\n{"text":"c","label":true}';
  expect(parseJsonl(text, format, "a.jsonl")).toEqual([
    { text: "a", label: "x" },
    { text: "b", label: "3" },
    { text: "c", label: "true" },
  ]);
});

test("fields have the names that the config gives them", () => {
  const fields = { text: "__proto__", label: "y" };
  expect(parseJsonl('{"__proto__":"a","y":0}\n\n', { fields }, "a.jsonl")).toEqual([
    { text: "a", label: "0" },
  ]);
});

test.each([
  ["no JSON", "{text: 1}", 'not JSON: "{text: 1}"'],
  ["no object", "[1]", 'expected an object, found "[1]"'],
  ["an empty line", "", "the row is empty"],
  [
    "a missing text",
    '{"txt":"a","label":1}',
    'no field "text"; found "txt", "label". Did you mean "txt"?',
  ],
  ["an empty object", "{}", 'no field "text"; found an empty object.'],
  ["a text that is no string", '{"text":[1],"label":1}', '"text" is not a string: [1]'],
  [
    "half a surrogate pair",
    String.raw`{"text":"\ud800","label":1}`,
    '"text" holds half of a surrogate pair, which is not a character',
  ],
  ["a missing label", '{"text":"a"}', 'no field "label"; found "text".'],
  [
    "a label with a fraction",
    '{"text":"a","label":0.5}',
    '"label" must be a string, an integer or a boolean, found 0.5',
  ],
  ["an empty label", '{"text":"a","label":""}', "the label is empty"],
  ["an unknown label", '{"text":"a","label":"y"}', 'unknown label "y"; data.labels are "x", "z".'],
] as const)("%s is a broken row", async (_name, line, problem) => {
  const text = `{"text":"a","label":"x"}\n${line}\n{"text":"a","label":"x"}`;
  const labels = problem.startsWith("unknown") ? { labels: ["x", "z"] } : {};
  const error = await errorOf(() => parseJsonl(text, { ...format, ...labels }, "a.jsonl"));
  expect(error.code).toBe("data");
  expect(error.message).toBe(`a.jsonl: 1 row of 3 cannot be read:\n  a.jsonl:2: ${problem}`);
  expect(error.hint).toBe(
    'Each line must be an object with a text under "text" and a class under "label" (data.fields).',
  );
});

test("a file of empty lines has no rows", async () => {
  const error = await errorOf(() => parseJsonl("\n\n", format, "a.jsonl"));
  expect(error.message).toBe("a.jsonl has no rows.");
});
