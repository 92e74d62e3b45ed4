import { expect, test } from "vitest";
import { field, fieldFacts } from "../../../src/core/marks.ts";

test("facts come back from metadata that other tools also write to", () => {
  const facts = { mark: "location", location: { insideOf: "path" } } as const;
  expect(fieldFacts({ description: "where", ...field(facts) })).toEqual(facts);
});

test("a field without facts has none", () => {
  expect(fieldFacts(undefined)).toBeUndefined();
  expect(fieldFacts(null)).toBeUndefined();
  expect(fieldFacts({ description: "x" })).toBeUndefined();
});
