import * as fc from "fast-check";
import { expect, test } from "vitest";
import { float64Hex, jsonNumber, parseJsonNumber } from "../../../src/core/number-text.ts";

test.each([
  [0, "0000000000000000"],
  [-0, "8000000000000000"],
  [1, "3ff0000000000000"],
  [-2.5, "c004000000000000"],
  [5e-324, "0000000000000001"],
  [Infinity, "7ff0000000000000"],
  [NaN, "7ff8000000000000"],
])("float64Hex(%d) is %s", (value, hex) => {
  expect(float64Hex(value)).toBe(hex);
});

test("float64Hex prints the bits of every number in 16 digits", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      const hex = float64Hex(value);
      expect(hex).toMatch(/^[0-9a-f]{16}$/);
      expect(Buffer.from(hex, "hex").readDoubleBE()).toBe(value);
    }),
  );
});

test("every NaN has the same digits, whatever its bits", () => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, 0xfff8_0000_0000_0001n);
  expect(float64Hex(view.getFloat64(0))).toBe("7ff8000000000000");
});

test("every number comes back from its JSON text with the same bits", () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      const back = parseJsonNumber(JSON.parse(JSON.stringify(jsonNumber(value))));
      expect(Object.is(back, value)).toBe(true);
    }),
  );
});

test("what JSON text would lose is a typed string", () => {
  expect([NaN, Infinity, -Infinity, -0, 0, 0.1].map(jsonNumber)).toEqual([
    "NaN",
    "Infinity",
    "-Infinity",
    "-0",
    0,
    0.1,
  ]);
});

test.each([["nan"], ["1"], [null], [undefined], [[1]]])("%j is no stored number", (value) => {
  expect(() => parseJsonNumber(value)).toThrowError(/^Expected a number, found /);
});
