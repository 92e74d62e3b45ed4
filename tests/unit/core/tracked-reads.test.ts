import { expect, test } from "vitest";
import { trackReads, untracked } from "../../../src/core/tracked-reads.ts";

const config = { a: 1, b: { c: null, d: [1, { e: 2 }], "f.g": "x" }, h: {} };

test("a tracked config equals its config, is frozen, and can be cloned", () => {
  expect(trackReads(config).config).toEqual(config);
  expect(structuredClone(trackReads(config).config)).toEqual(config);
  expect(JSON.stringify(trackReads(config).config)).toBe(JSON.stringify(config));
  const { config: tracked } = trackReads(config);
  expect(tracked["b"]).toBe(tracked["b"]);
  expect(() => Object.assign(tracked, { a: 2 })).toThrow(TypeError);
});

test("what was read is told apart from what was not, value by value", () => {
  const { config: tracked, unread } = trackReads(config);
  expect(unread()).toEqual(["a", "b.c", "b.d", 'b["f.g"]', "h"]);
  const { b } = tracked as typeof config;
  expect(unread()).toContain("b.c");
  expect([b.c, b.d[0]]).toEqual([null, 1]);
  expect(unread()).toEqual(["a", 'b["f.g"]', "h"]);
  expect("a" in tracked).toBe(true);
  expect({ ...tracked }.a).toBe(1);
  expect(unread()).toEqual(['b["f.g"]']);
});

test("copying and writing as JSON read everything", () => {
  const { config: tracked, unread } = trackReads(config);
  JSON.stringify(tracked);
  expect(unread()).toEqual([]);
});

test("what only writes a config down reads the original, at any depth", () => {
  const { config: tracked, unread } = trackReads(config);
  expect(untracked(tracked)).toBe(config);
  expect(untracked((tracked as typeof config).b)).toBe(config.b);
  expect(untracked(config)).toBe(config);
  expect(unread()).toEqual(["a", "b.c", "b.d", 'b["f.g"]', "h"]);
});
