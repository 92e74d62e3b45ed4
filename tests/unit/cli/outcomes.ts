/** Made-up outcomes for tests of what is shown. */
import type { RunOutcome } from "../../../src/app/outcome.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Plan, PlannedRun } from "../../../src/app/outcome.ts";

export function plannedRun(index: number, axisValues: JsonObject, group = index): PlannedRun {
  const digits = (start: string): string => `${start}${index}`.padEnd(64, "0");
  return {
    index,
    name: "tiny",
    axisValues,
    config: { selection: { metric: "validation.accuracy", direction: "max" } },
    identityText: "{}",
    configHash: digits("c"),
    groupHash: `f${group}`.padEnd(64, "0"),
    codeHash: digits("d"),
    dataHash: "d".repeat(64),
    environmentClass: "wasm/1",
    backend: "wasm",
    runKey: digits("a"),
  };
}

export function plan(runs: readonly PlannedRun[]): Plan {
  return { format: "lockstep/plan/1", experiment: "tiny", runs } as Plan;
}

export function outcome(
  run: PlannedRun,
  facts: Partial<Omit<RunOutcome, "run">> & { readonly accuracy?: number } = {},
): RunOutcome {
  const { accuracy, ...rest } = facts;
  const metrics: Readonly<Record<string, number>> =
    accuracy === undefined
      ? {}
      : { "validation.accuracy": accuracy, "test.accuracy": accuracy - 0.01 };
  return {
    run,
    status: "finished",
    directory: `/project/runs/${run.runKey.slice(0, 16)}`,
    hasDirectory: true,
    metrics,
    isReused: false,
    durationMs: 61_000,
    ...rest,
  };
}
