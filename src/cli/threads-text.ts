/** How many threads runs have, in words; apart from other texts of runs, since it takes what starts backends. */
import { needOwnProcess } from "../app/backends/run-variables.ts";
import type { PlannedRun } from "../app/outcome.ts";
import { runThreads } from "../app/run-threads.ts";

/** `, 1 thread`, of runs whose bits depend on it; "" of others. */
export function threadsText(runs: readonly PlannedRun[]): string {
  const compiled = runs.filter((run) => needOwnProcess([run]));
  const numbers = [...new Set(compiled.map((run) => runThreads(run) ?? 1))];
  if (numbers.length === 0) return "";
  const text = numbers.sort((a, b) => a - b).join(" or ");
  return `, ${text} ${text === "1" ? "thread" : "threads"}`;
}
