/** The report for code scanning. */
import { expect, test } from "vitest";
import { rules } from "../../../src/lint/rules/all.ts";
import { sarifDocument } from "../../../src/lint/sarif.ts";
import { look } from "./look.ts";
import { sarifErrors } from "./sarif-schema.ts";

test("the report is valid: findings, what is suppressed, and fixes, also of a file with an odd name", () => {
  const found = look({
    "an experiment/ü #1.ts": `const SEED = 3;
export default defineConfig({
  seed: 3,
  name: String(Date.now()), // lint-ignore ambient-clock: a demonstration
  tags: [String(Math.random())],
});
`,
  });
  const document = sarifDocument({ ...found, rules, version: "0.1.0" });
  expect(sarifErrors(document)).toBe("");
  const [run] = (document as { runs: { results: { ruleId: string; ruleIndex: number }[] }[] }).runs;
  expect(run?.results.map(({ ruleId }) => ruleId)).toEqual([
    "constant-duplicates-config",
    "ambient-randomness",
    "ambient-clock",
  ]);
  for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId);
  expect(JSON.stringify(document)).toContain("an%20experiment/%C3%BC%20%231.ts");
});

test("places count from the top of the repository, those of fixes too", () => {
  const found = look({ "one.ts": "export const x = 1; // lint-ignore ambient-clock: no more\n" });
  expect(found.findings.map(({ rule, edits }) => [rule, edits?.length])).toEqual([
    ["unused-suppression", 1],
  ]);
  const document = sarifDocument({ ...found, rules, version: "0.1.0", folder: "a b/ml/" });
  expect(sarifErrors(document)).toBe("");
  const uris = JSON.stringify(document).match(/"uri":"[^"]*"/gu);
  expect(uris).toEqual(['"uri":"a%20b/ml/one.ts"', '"uri":"a%20b/ml/one.ts"']);
});
