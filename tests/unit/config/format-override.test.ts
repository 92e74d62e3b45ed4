import * as fc from "fast-check";
import { expect, test } from "vitest";
import { choice, range } from "../../../src/config/axes.ts";
import { remove } from "../../../src/config/changes.ts";
import { formatOverride } from "../../../src/config/format-override.ts";
import { markerData } from "../../../src/config/markers.ts";
import { parseOverride } from "../../../src/config/override.ts";

const forbidden = new Set(["__proto__", "constructor", "prototype"]);
const keyText = fc.string({ unit: "grapheme" }).filter((key) => !forbidden.has(key));
const path = fc
  .tuple(keyText, fc.array(fc.oneof(keyText, fc.nat())))
  .map(([first, rest]) => [first, ...rest]);
const number = fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    number.filter((value) => !Object.is(value, -0)).filter(isHeld),
    fc.maxSafeInteger(),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "null",
      "1",
      "inf",
      "a\\",
      'b\\"',
      "\\\\",
      "'",
      "${x}",
      "\\${",
      '\\"${"',
      " ",
      "choice(1)",
      "-",
    ),
    fc.array(tie("json")),
    fc.dictionary(keyText, tie("json")).map((entries) => ({ ...entries })),
  ),
}));

/** Integers beyond 2^53 print like integers and are refused when they are read, since a text may say another one. */
function isHeld(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value) || String(value).includes("e");
}

test("what is printed is read back to the same path and value", () => {
  fc.assert(
    fc.property(path, json, (key, value) => {
      const read = parseOverride(formatOverride(key, value), 0);
      expect(read.key).toEqual(key);
      expect(read.value).toEqual(value);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test.each([choice<unknown>(1, "a b", [null]), range(0, 1, 0.1)])(
  "a sweep is read back (case %#)",
  (axis) => {
    const marker = markerData(axis);
    const read = markerData(parseOverride(formatOverride(["seed"], axis), 0).value);
    expect({ ...read, call: undefined }).toEqual({ ...marker, call: undefined });
  },
);

/** A value with the data of its markers, without the places where they were written. */
function plain(value: unknown): unknown {
  const marker = markerData(value);
  if (marker !== undefined) return { marker: plain({ ...marker, call: undefined }) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

test.each([
  "[${a},'x ${b[0]} \\${c}',{d:${e}}]",
  "str(${a})",
  "tag(x,'${y}',choice(1,'${a}',[b]))",
  "tag(x,range(0,1,0.5))",
  "int(tag(log,interval(1,9)))",
  "interval(0.5,1)",
  "glob([a*,'b #'],c)",
  "shuffle(1,2,3)",
  "linspace(0,1,5)",
])("%s is read back from what is printed of its data", (text) => {
  const { value } = parseOverride(`key=${text}`, 0);
  const again = parseOverride(formatOverride(["key"], value), 0);
  const withoutSpacing = (data: unknown): string =>
    JSON.stringify(plain(data)).replace(/,"from":"linspace"|"text":"(?:[^"\\]|\\.)*",/g, "");
  expect(withoutSpacing(again.value)).toBe(withoutSpacing(value));
});

test("simple texts stand without quotes, everything else with", () => {
  expect(formatOverride(["data", "path"], "../a")).toBe('data.path="../a"');
  expect(formatOverride(["a b", 0], { mode: "train", n: [1e-4, "true"] })).toBe(
    '["a b"][0]={mode:train,n:[0.0001,"true"]}',
  );
});

test("a marker that the command line cannot say is our own mistake", () => {
  expect(() => formatOverride(["a"], remove())).toThrow("internal: ");
});
