/** Names of figures that can stand in a table, and those that cannot. */
import { expect, test } from "vitest";
import { metricNameProblem } from "../../../src/core/metric-name.ts";

test.each(["validation.accuracy", "F1 (macro)", "größe/Ω", "🎯"])("%j is a name", (name) => {
  expect(metricNameProblem(name)).toBeUndefined();
});

test.each([
  ["", "is empty"],
  [" loss", "begins or ends with a space"],
  ["a\nb", "has a control character"],
  ["a\u001b[31mb", "has a control character"],
  ["a\u2028b", "has a control character"],
  ["a\ud800", "has half a character"],
])("%j is none", (name, problem) => {
  expect(metricNameProblem(name)).toBe(problem);
});
