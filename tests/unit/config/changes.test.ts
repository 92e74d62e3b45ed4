import { expect, test } from "vitest";
import { choice } from "../../../src/config/axes.ts";
import { append, prepend, remove, replace } from "../../../src/config/changes.ts";
import { markerData } from "../../../src/config/markers.ts";
import { misuseOf } from "./sum-task.ts";

test("items and values are copied, with the markers inside", () => {
  const inner = choice(1, 2);
  const item = { size: inner };
  const markers = [append<unknown>(item, 3), prepend<unknown>(item), replace<unknown>({ item })];
  item.size = choice(2, 1);
  expect(markers.map(markerData)).toMatchObject([
    { kind: "append", items: [{ size: inner }, 3] },
    { kind: "prepend", items: [{ size: inner }] },
    { kind: "replace", value: { item: { size: inner } } },
  ]);
});

test("replace takes whole values", () => {
  expect(misuseOf(() => replace<unknown>(remove()))).toContain(
    "replace() takes a value, found the marker remove().",
  );
});

test("append and prepend need items", () => {
  expect(misuseOf(() => append())).toMatch(
    /changes\.test\.ts:\d+:\d+: append\(\) needs at least one item/,
  );
  expect(misuseOf(() => prepend())).toContain("prepend() needs at least one item");
});
