import { expect, test } from "vitest";
import { choice, range } from "../../../src/config/axes.ts";
import { derived, required } from "../../../src/config/deferred.ts";
import { markerData } from "../../../src/config/markers.ts";
import { misuseOf, untyped } from "./sum-task.ts";

test("choice keeps its values in order, copied and frozen", () => {
  const value = { sizes: [1] };
  const axis = markerData(choice<unknown>(value, 2, null));
  value.sizes.push(2);
  expect(axis).toMatchObject({ kind: "choice", values: [{ sizes: [1] }, 2, null] });
  expect(axis?.kind === "choice" && Object.isFrozen(axis.values[0])).toBe(true);
});

test("choice refuses to be empty, to hold markers, and to hold what no config can", () => {
  expect(misuseOf(() => choice())).toMatch(
    /axes\.test\.ts:\d+:\d+: choice\(\) needs at least one value\.$/,
  );
  expect(misuseOf(() => choice<unknown>(choice(1)))).toContain(
    "choice() cannot stand inside choice().",
  );
  expect(misuseOf(() => choice<unknown>({ a: [derived(() => 1)] }))).toContain(
    "derived() cannot stand inside choice().",
  );
  expect(misuseOf(() => choice<unknown>(() => 1))).toContain(
    "a function, which no config can hold.",
  );
  expect(misuseOf(() => choice<unknown>(undefined))).toContain(
    "undefined, which no config can hold.",
  );
});

test("range counts in ones where no step is given", () => {
  expect(markerData(range(1, 4))).toMatchObject({ kind: "range", start: 1, stop: 4, step: 1 });
  expect(markerData(range(1, 0, -0.5))).toMatchObject({ start: 1, stop: 0, step: -0.5 });
});

test.each([
  [() => range(1, Infinity), "must be finite numbers"],
  [() => range(NaN, 1), "must be finite numbers"],
  [() => range(1, 4, 0), "the step must not be 0"],
  [() => range(4, 1), "has no values"],
  [() => range(0, 1, 1e-9), "at most 1000000 are allowed"],
  [() => range(0, untyped("4")), 'range() takes numbers, found the string "4".'],
  [() => range(0, untyped(required())), "range() takes numbers, found the marker required()."],
  [() => range(untyped(4), untyped(undefined)), "range() takes numbers, found undefined."],
])("%s is refused where it is called", (body, message) => {
  const error = misuseOf(body);
  expect(error).toMatch(/^axes\.test\.ts:\d+:\d+: /);
  expect(error).toContain(message);
});
