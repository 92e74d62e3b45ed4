import { expect, test } from "vitest";
import { derived, required } from "../../../src/config/deferred.ts";
import { markerData } from "../../../src/config/markers.ts";
import { misuseOf, untyped } from "./sum-task.ts";

test("derived keeps its function", () => {
  const data = markerData(derived((config: { a: number }) => config.a + 1));
  expect(data?.kind === "derived" && data.compute({ a: 2 })).toBe(3);
});

test("derived refuses a value, at its call", () => {
  expect(misuseOf(() => derived(untyped(3)))).toMatch(
    /^deferred\.test\.ts:\d+:\d+: derived\(\) takes a function, found 3\.$/,
  );
  expect(misuseOf(() => derived(untyped(required())))).toContain("found the marker required().");
});
