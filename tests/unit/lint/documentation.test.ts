/** The table of docs/linting.md is that of the rules. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "../../../src/lint/rules/all.ts";

test("the documentation lists every rule with its reason, in order", () => {
  const page = readFileSync(new URL("../../../docs/linting.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => /^\| `[a-z-]+` /u.test(line));
  const cells = rows.map((row) =>
    row
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
  const expected = rules.map(({ id, reason, hasFix, needsEvaluation }) => {
    return [`\`${id}\``, reason, hasFix ? "yes" : "", needsEvaluation ? "" : "yes"];
  });
  expect(cells).toEqual(expected);
});
