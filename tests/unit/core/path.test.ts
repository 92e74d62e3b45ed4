import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatPath, parsePath, startsWith, valueAt } from "../../../src/core/path.ts";

test.each([
  [[], ""],
  [["model"], "model"],
  [["model", "hiddenSizes", 0], "model.hiddenSizes[0]"],
  [[0, "kind"], "[0].kind"],
  [["data", "a b"], 'data["a b"]'],
  [["data", ""], 'data[""]'],
  [["a.b"], '["a.b"]'],
  [["0"], '["0"]'],
  [["weight-decay", "größe", "$x"], "weight-decay.größe.$x"],
  [["a", 'quote"', "line\n"], String.raw`a["quote\""]["line\n"]`],
])("%j is written %s, and read back", (path, text) => {
  expect(formatPath(path)).toBe(text);
  expect(parsePath(text)).toEqual(path);
});

test("every path is read back from its text, so no two paths share one", () => {
  const part = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a", "b-c", "0"), fc.nat());
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (path) => {
      expect(parsePath(formatPath(path))).toEqual(path);
    }),
  );
});

test.each([".a", "a.", "a..b", "a b", "a[", "a[]", "a[-1]", "a[01]", "a[x]", 'a["x]', "a.0", "a]"])(
  "%s is not a path",
  (text) => {
    expect(parsePath(text)).toBeUndefined();
  },
);

test("valueAt reads own properties only", () => {
  const root = { model: { sizes: [8, 4] }, empty: null };
  expect(valueAt(root, ["model", "sizes", 1])).toBe(4);
  expect(valueAt(root, [])).toBe(root);
  expect(valueAt(root, ["model", "sizes", 2])).toBeUndefined();
  expect(valueAt(root, ["empty", "x"])).toBeUndefined();
  expect(valueAt(root, ["model", "toString"])).toBeUndefined();
  expect(valueAt(root, ["__proto__"])).toBeUndefined();
});

test("startsWith tells whether a path lies at or below another", () => {
  expect(startsWith(["a", 0, "b"], ["a", 0])).toBe(true);
  expect(startsWith(["a"], ["a"])).toBe(true);
  expect(startsWith(["a"], ["a", 0])).toBe(false);
  expect(startsWith(["a", "0"], ["a", 0])).toBe(false);
});
