import { expect, test } from "vitest";
import { choice, range } from "../../../src/config/axes.ts";
import { append, prepend, remove, replace } from "../../../src/config/changes.ts";
import { derived, required } from "../../../src/config/deferred.ts";
import { markerData } from "../../../src/config/markers.ts";
import { isPlainObject } from "../../../src/core/json.ts";
import { misuseOf, untyped } from "./sum-task.ts";

const all = [
  choice(1, 2),
  range(1, 3),
  derived(() => 1),
  required(),
  replace({ a: 1 }),
  remove(),
  append(1),
  prepend(1),
] as const;

test("every marker is frozen, says its kind and where it was called, and is no plain data", () => {
  const kinds = all.map((marker) => markerData(marker)?.kind);
  expect(kinds).toEqual([
    "choice",
    "range",
    "derived",
    "required",
    "replace",
    "remove",
    "append",
    "prepend",
  ]);
  for (const marker of all) {
    const data = markerData(marker);
    expect(data?.call.file).toBe(import.meta.filename);
    expect(Object.isFrozen(marker) && Object.isFrozen(data)).toBe(true);
    expect(isPlainObject(marker)).toBe(false);
  }
  expect(new Set(all.map((marker) => markerData(marker)?.call.line)).size).toBe(all.length);
});

test.each([null, undefined, 1, "choice", {}, [], () => 1, Symbol("a"), new Date(0)])(
  "%s is no marker",
  (value) => {
    expect(markerData(value)).toBeUndefined();
  },
);

test("a marker of another copy of the module is recognised", () => {
  const foreign = Object.defineProperty({}, Symbol.for("lockstep.marker/1"), {
    value: { kind: "required", call: { file: "/a.ts", line: 1, column: 1 } },
  });
  expect(markerData(foreign)?.kind).toBe("required");
});

test("a copy by spreading is no marker", () => {
  expect(markerData({ ...(untyped(required()) as object) })).toBeUndefined();
});

test("using a marker as the value that it stands for says what to do instead", () => {
  const rate = untyped(choice(1, 2)) as number;
  const expected =
    /^markers\.test\.ts:\d+:\d+: choice\(\) was used as a value, .*\nCompute with it in derived/;
  expect(misuseOf(() => rate * 2)).toMatch(expected);
  expect(misuseOf(() => `${rate}`)).toMatch(expected);
  expect(misuseOf(() => rate < 1)).toMatch(expected);
  expect(misuseOf(() => JSON.stringify({ rate }))).toMatch(expected);
});

test("a marker prints its kind where a value is shown", () => {
  expect(Object.prototype.toString.call(required())).toBe("[object required()]");
});
