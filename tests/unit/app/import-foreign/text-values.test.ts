/** Texts of other tools as values: nothing is lost by reading one as a number. */
import { expect, test } from "vitest";
import {
  configValueOf,
  figureOf,
  nestedConfig,
} from "../../../../src/app/import-foreign/text-values.ts";

test("a text is a number only where it is the same number", () => {
  const numbers = { "0": 0, "1e-05": 1e-5, "1.50": 1.5, "-2": -2, "1E+22": 1e22, "100": 100 };
  for (const [text, value] of Object.entries(numbers)) expect(configValueOf(text)).toBe(value);
  for (const text of ["007", "12345678901234567890", "1e999", "-0", "0x10", " 1", "1_0", "nan"]) {
    expect(configValueOf(text)).toBe(text);
  }
  expect(["True", "false", "[1, [2]]", "[1"].map(configValueOf)).toEqual([
    true,
    false,
    [1, [2]],
    "[1",
  ]);
});

test("figures are read with NaN and infinities", () => {
  expect(["nan", "NaN", "-Infinity", "inf", "+1.5", ".5", "3."].map(figureOf)).toEqual([
    Number.NaN,
    Number.NaN,
    -Infinity,
    Infinity,
    1.5,
    0.5,
    3,
  ]);
  expect(["", "0x1", "1 2", "high"].map(figureOf)).toEqual(Array(4).fill(undefined));
});

test("paths become objects, but where one is a value and the beginning of another", () => {
  const leaves = { "a.b": 1, "a.c": 2, x: 3, "x.y": 4, "no path!": 5, "__proto__.z": 6 };
  const config = nestedConfig(new Map(Object.entries(leaves)));
  expect(JSON.parse(JSON.stringify(config))).toEqual(
    JSON.parse('{"a":{"b":1,"c":2},"x":3,"x.y":4,"no path!":5,"__proto__":{"z":6}}'),
  );
  expect(Object.getPrototypeOf(config)).toBe(Object.prototype);
});
