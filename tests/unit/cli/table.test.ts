import { expect, test } from "vitest";
import { formatTable } from "../../../src/cli/table.ts";

test("columns are as wide as their widest cell, numbers to the right", () => {
  const lines = formatTable(
    [{ title: "name" }, { title: "value", align: "right" }],
    [
      ["a", "1"],
      ["long name", "12.5"],
    ],
  );
  expect(lines).toEqual(["name       value", "a              1", "long name   12.5"]);
});

test("colour codes take no room and missing cells are empty", () => {
  const lines = formatTable(
    [{ title: "x" }, { title: "y" }],
    [["\u001b[32mgreen\u001b[39m"], ["a", "b"]],
  );
  expect(lines).toEqual(["x      y", "\u001b[32mgreen\u001b[39m", "a      b"]);
});
