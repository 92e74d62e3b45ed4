import { expect, test } from "vitest";
import { formatValue } from "../../../src/cli/run-text.ts";

test("a value of a config takes one line, whatever breaks are in it", () => {
  expect(formatValue("one\ntwo")).toBe("one\\ntwo");
  expect(formatValue(["one\ntwo"])).toBe('["one\\ntwo"]');
});
