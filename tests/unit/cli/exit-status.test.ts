/** The exit status of an error: what was asked for is wrong, or what was asked for did not come out. */
import { expect, test } from "vitest";
import { statusOfError } from "../../../src/cli/exit-status.ts";

test.each([
  ["usage", 2],
  ["config", 2],
  ["data", 2],
  ["environment", 2],
  ["store", 2],
  ["diverged", 1],
  ["training", 1],
  ["conflict", 1],
  ["run-active", 1],
  ["interrupted", 75],
] as const)("%s ends with %d", (code, status) => {
  expect(statusOfError(code)).toBe(status);
});
