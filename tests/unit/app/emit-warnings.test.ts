import { expect, test, vi } from "vitest";
import { emitWarnings } from "../../../src/app/emit-warnings.ts";
import type { ExecutionEvent } from "../../../src/app/outcome.ts";
import { plannedRun } from "../cli/outcomes.ts";

function logged(text: string, level: "info" | "warning" = "warning"): ExecutionEvent {
  return { kind: "run-event", run: plannedRun(0, {}), event: { kind: "log", level, text } };
}

test("what goes wrong beside runs is a warning of the process, what a task logs is not", () => {
  const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const gone = "tracking: the process that sends runs is gone (exit 1). The runs go on.";
  const hook = "onEvent of lockstep.config.ts threw at log: no such chart";
  const folder = "logs/tensorboard is not written any more: ENOSPC";
  try {
    emitWarnings({ kind: "warning", text: gone });
    for (const text of [hook, folder, "The loss grows."]) emitWarnings(logged(text));
    emitWarnings(logged(hook, "info"));
    expect(emitted.mock.calls).toEqual([[gone], [hook], [folder]]);
  } finally {
    emitted.mockRestore();
  }
});
