/** What `exp compare` says of runs that another tool measured. */
import { expect, test } from "vitest";
import { compareRuns } from "../../../src/app/lookups/compare-runs.ts";
import { comparisonLines } from "../../../src/cli/comparison-text.ts";
import { openStore } from "../../../src/store/store.ts";
import { project } from "../app/import-foreign/project.ts";
import { publishRun } from "../store/sample-run.ts";

const terminal = { style: (_style: string, text: string): string => text };

test("foreign runs are marked, and nothing is said of their code", async () => {
  const place = project({ "old.csv": "run,lr,metrics.f1\na,1,0.5\nb,2,0.75\n" });
  const { runs } = await place.take("csv", "old.csv");
  publishRun(openStore(place.at("runs")), 1);
  const linesOf = (...operands: readonly string[]): readonly string[] => {
    const request = { ...place.context, operands, isWhole: false };
    return comparisonLines(compareRuns(request), terminal as Parameters<typeof comparisonLines>[1]);
  };
  const [first = "", second = ""] = runs.map(({ name }) => name);
  const two = linesOf(first, second);
  expect(two[0]).toMatch(new RegExp(`^ +${first} \\(foreign\\)  ${second} \\(foreign\\)$`, "u"));
  expect(two.at(-1)).toMatch(/^foreign: measured by another tool/u);
  expect(two.join("\n")).not.toContain("are the same");
  const groups = linesOf("status = foreign", "status = finished", "steps >= 0 or lr > 0");
  expect(groups[0]).toMatch(/foreign \(2, foreign\) +status = finished +\S.* \(3, 2 foreign\)$/u);
});
