import { expect, test } from "vitest";
import type { FinishedFacts } from "../../../src/app/finished-facts.ts";
import type { PreparedPlan } from "../../../src/app/plan-experiment.ts";
import type { Comparison, RunReason } from "../../../src/app/run-reasons.ts";
import type { StoredStatus } from "../../../src/app/run-status.ts";
import { differenceLines, expectationLines, planLines } from "../../../src/cli/plan-text.ts";
import type { Session } from "../../../src/cli/session.ts";
import { createTerminal } from "../../../src/cli/terminal.ts";
import { plan, plannedRun } from "./outcomes.ts";

const stdout = createTerminal({ write: () => undefined }, { NO_COLOR: "1" });
const session = { stdout, workingDirectory: "/project" } as Session; // all that is looked at

function comparison(config: readonly string[], code: readonly string[] = []): Comparison {
  const nearest = { ...plannedRun(9, {}), task: "t", config: () => ({}) };
  return { nearest, differences: { config, code, data: [], environment: [] } };
}

function reason(index: number, status: StoredStatus, compared?: Comparison): RunReason {
  const run = plannedRun(index, { lr: index });
  return { run, status, willRun: status !== "finished", ...(compared && { comparison: compared }) };
}

function lines(reasons: readonly RunReason[], isWhole = false): readonly string[] {
  const prepared = {
    plan: plan(reasons.map(({ run }) => run)),
    notes: [],
    runsDirectory: "/project/runs",
  };
  return planLines(prepared as object as PreparedPlan, reasons, { session, isWhole });
}

test("runs that differ in the same way are told together, each component by itself", () => {
  const code = comparison([], ["changed src/step.ts", "package zod 4.1.0 → 4.2.0"]);
  const text = lines([
    reason(0, "finished"),
    reason(1, "planned", code),
    reason(2, "lost", code),
  ]).join("\n");
  expect(text).toMatch(/status {4}because of\n/u);
  expect(text).toMatch(/ 3 +2 .* lost {6}code\n/u);
  expect(text).toContain(`
runs 2, 3, compared with a900000000000000:
  config       same
  code         changed src/step.ts; package zod 4.1.0 → 4.2.0
  data         same
  environment  same`);
});

test("where nothing is finished, that is said once", () => {
  expect(lines([reason(0, "planned"), reason(1, "failed")]).slice(-2)).toEqual([
    "",
    "No run of this task is finished yet, so there is nothing to compare with.",
  ]);
});

test("a long plan is shown by its first and last runs, unless all are asked for", () => {
  const reasons = Array.from({ length: 100 }, (_, index) => reason(index, "finished"));
  const short = lines(reasons);
  expect(short.filter((line) => line.includes("finished"))).toHaveLength(25);
  expect(short).toContain("… 75 more (--all shows them) …");
  expect(short.join("\n")).not.toContain("because of");
  expect(lines(reasons, true).filter((line) => line.includes("finished"))).toHaveLength(100);
});

test("an expectation of no changes names the runs that are not finished", () => {
  expect(expectationLines([reason(0, "finished")])).toEqual([]);
  const found = expectationLines([
    reason(0, "finished"),
    reason(1, "failed", comparison(["lr 1 → 2"])),
  ]);
  expect(found).toEqual([
    "1 run is not finished, and no changes were expected:",
    "  a100000000000000  lr=1  failed (config)",
  ]);
});

test("another plan is described by what came and what went", () => {
  expect(differenceLines({ added: [], removed: [] }, "p.json")).toEqual([]);
  const added = [{ run: plannedRun(3, { lr: 3 }), comparison: comparison(["lr 1 → 3"]) }];
  const found = differenceLines({ added, removed: [plannedRun(1, { lr: 1 })] }, "p.json");
  expect(found[0]).toBe("The plan is not that of p.json: 1 more, 1 fewer.");
  expect(found).toContain("    config       lr 1 → 3");
  expect(found.at(-1)).toBe("  - a100000000000000  lr=1");
});

test("a run that is finished says when, with what result, and whether it was executed again since", () => {
  const finished = { endTime: "2026-11-21T10:00:00.000Z", numDuplicates: 0 };
  const metrics = { "validation.accuracy": 0.5, "train.loss": 1 };
  const hit = (index: number, facts: Partial<FinishedFacts>): RunReason => ({
    ...reason(index, "finished"),
    finished: { ...finished, metrics, ...facts },
  });
  const said = (verdict: string, signature: "valid" | "unsigned" | "invalid"): string => {
    const text = lines([hit(0, { verification: { verdict, signature } })]).at(-1) ?? "";
    return text.slice(text.indexOf("verified"));
  };
  const text = lines([hit(0, {}), hit(1, { metrics: {}, numDuplicates: 2 })]).join("\n");
  expect(text).toContain(
    "config, code, data and environment, so not executed again:\n  run 1  2026-11-21 ",
  );
  expect(text).toMatch(/run 1 .* {2}validation\.accuracy 0\.5000 {2}not verified\n/u);
  expect(text).not.toContain("train.loss"); // the metric that selects is the headline
  expect(text).toMatch(/run 2 +2026-11-21 \d\d:\d\d +repeated 2×$/u);
  expect(said("bitwise", "valid")).toBe("verified: bitwise, signed");
  expect(said("diverged", "unsigned")).toBe("verified: diverged");
  expect(said("bitwise", "invalid")).toBe("verified: bitwise, with a wrong signature");
  const many = Array.from({ length: 12 }, (_, index) => hit(index, {}));
  expect(lines(many).at(-1)).toBe("  and 2 more (--all shows them)");
});
