/** What a signal leads to, before, while and after runs are at work. */
import { expect, test } from "vitest";
import type { ExecutionEvent, PlannedRun, RunOutcome } from "../../../src/app/outcome.ts";
import { createRunsAtWork } from "../../../src/cli/runs-at-work.ts";

test("a step is named only where a run may be in one", () => {
  const run = { runKey: "k" } as PlannedRun;
  const began: ExecutionEvent = { kind: "run-started", run, directory: "/a" };
  const ended: ExecutionEvent = { kind: "run-ended", outcome: { run } as RunOutcome };
  const runs = createRunsAtWork();
  expect(runs.stopText()).toMatch(/after this step/u); // it may begin any moment
  runs.note(began);
  expect(runs.stopText()).toMatch(/after this step/u);
  runs.note(ended);
  expect(runs.stopText()).toBe("no run is at work; stopping in a moment");
});
