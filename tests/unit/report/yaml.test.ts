import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yaml, type YamlValue } from "../../../src/report/yaml.ts";
import { hostileNames } from "./sample-facts.ts";

test("mappings and lists nest by indentation", () => {
  expect(
    yaml({
      tags: ["a", "b"],
      none: [],
      "model-index": [{ name: "x", results: [{ task: { type: "t" }, metrics: [{ value: 1 }] }] }],
    }),
  ).toBe(`tags:
  - "a"
  - "b"
none: []
model-index:
  - name: "x"
    results:
      - task:
          type: "t"
        metrics:
          - value: 1
`);
});

test("texts are quoted, so that none becomes a number, a boolean, a comment or markup", () => {
  expect(yaml({ a: "no", b: "1e3", c: 'x"\\y', d: "# x", e: "a\nb: c" })).toBe(
    'a: "no"\nb: "1e3"\nc: "x\\"\\\\y"\nd: "# x"\ne: "a\\u000ab: c"\n',
  );
  expect(yaml({ a: "😀 ü \u202e\u2028\ufeff\u0085" })).toBe(
    'a: "\\U0001f600 ü \\u202e\\u2028\\ufeff\\u0085"\n',
  );
});

test("a quoted text reads back the same, by the rules that YAML shares with JSON", () => {
  const name = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(...hostileNames));
  fc.assert(
    fc.property(name, (text) => {
      const line = yaml({ a: text });
      expect(line.indexOf("\n")).toBe(line.length - 1);
      const json = line
        .slice(3, -1)
        .replace(/\\U([0-9a-f]{8})/g, (_whole, code: string) =>
          String.fromCodePoint(Number.parseInt(code, 16)),
        );
      expect(JSON.parse(json)).toBe(text.replace(/[\uD800-\uDFFF]/gu, "\uFFFD"));
    }),
  );
});

test("numbers keep their digits in a form that YAML takes for a number", () => {
  expect(yaml({ a: 0.1 + 0.2, b: 1e-7, c: 1.5e300, d: -2 })).toBe(
    "a: 0.30000000000000004\nb: 1.0e-7\nc: 1.5e+300\nd: -2\n",
  );
  expect(() => yaml({ a: NaN })).toThrow("NaN cannot stand in YAML");
});

test("any JSON reads back the same, by YAML 1.2 and by YAML 1.1", () => {
  const key = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "on",
      "y",
      "null",
      "1",
      "1e3",
      "a b",
      "x: y",
      "#",
      "- a",
      "",
      "<<",
      "~",
      ...hostileNames,
    ),
  );
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("no", "012", "1_000", "0x1f"),
  );
  const { json } = fc.letrec<{ json: YamlValue }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      number,
      text,
      fc.array(tie("json"), { maxLength: 4 }),
      fc.dictionary(
        key.filter((name) => !/[\uD800-\uDFFF]/u.test(name) && name !== "__proto__"),
        tie("json"),
        {
          maxKeys: 4,
        },
      ),
    ),
  }));
  fc.assert(
    fc.property(json, (value) => {
      const written = yaml(value);
      const expected: unknown = JSON.parse(JSON.stringify(value));
      expect(parse(written, { version: "1.2" })).toEqual(expected);
      expect(parse(written, { version: "1.1" })).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
