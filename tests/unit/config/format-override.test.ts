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

test("simple texts stand without quotes, everything else with", () => {
  expect(formatOverride(["data", "path"], "../a")).toBe('data.path="../a"');
  expect(formatOverride(["a b", 0], { mode: "train", n: [1e-4, "true"] })).toBe(
    '["a b"][0]={mode:train,n:[0.0001,"true"]}',
  );
});

test("a marker that the command line cannot say is our own mistake", () => {
  expect(() => formatOverride(["a"], remove())).toThrow("internal: ");
});
