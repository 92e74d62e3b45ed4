import { expect, test } from "vitest";
import { isRunPrefix, wrongDigitsHint } from "../../../src/core/run-name.ts";

test("8 to 64 hex digits name a run", () => {
  expect(["031a6508", "031A6508", "a".repeat(64)].filter(isRunPrefix)).toHaveLength(3);
  expect(["", "031a650", "031a650g", "a".repeat(65), " 031a6508"].filter(isRunPrefix)).toEqual([]);
});

test("hex digits of another number are told the rule, other texts are not", () => {
  expect(wrongDigitsHint("031a65")).toBe(
    "A run or config is named by the first 8 to 64 digits of its key or hash; 031a65 has 6 hex digits.",
  );
  expect(wrongDigitsHint("a")).toContain("a has 1 hex digit.");
  expect(wrongDigitsHint("b".repeat(65))).toContain("has 65 hex digits");
  for (const other of ["", "031a6508", "base.ts", "deed g"]) {
    expect(wrongDigitsHint(other)).toBeUndefined();
  }
});
