/** Runs on compiled backends get a process of their own, started with the variables that the library reads. */
import { nativeVariables } from "../../backend/native/environment.ts";
import { requireInstallation } from "../../backend/native/installation.ts";
import { isCompiled, type Variables } from "../../backend/native/place.ts";
import type { PlannedRun } from "../../resolve/plan.ts";
import { isPooled } from "../library-threads.ts";
import { allThreads, runThreads } from "../run-threads.ts";

type Run = Pick<PlannedRun, "backend" | "config">;

/** Whether any of the runs needs a process that is started for its backend. */
export function needOwnProcess(runs: readonly Run[]): boolean {
  return runs.some(({ backend }) => isCompiled(backend));
}

/** Runs that may share a process, in the order of the first of each. */
export function groupByProcess<Planned extends Run>(
  runs: readonly Planned[],
): readonly (readonly Planned[])[] {
  const groups = new Map<string, Planned[]>();
  for (const run of runs) {
    const key = isCompiled(run.backend)
      ? `${run.backend} ${runThreads(run) ?? ""} ${isPooled(run.config)}`
      : "";
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()];
}

/**
 * Variables that the processes of a group of runs are started with, beside those of this process. The number of threads of
 * the library is that of the plan, however many processes there are: it is part of the environment class. `wasm`, whose bits
 * depend on no threads, takes the share of each process where nobody said a number.
 * @param numProcesses - At the same time.
 * @throws {ExpError} `environment` when the backend is not installed.
 */
export function runVariables(
  group: readonly Run[],
  variables: Variables,
  numProcesses = 1,
): Readonly<Record<string, string>> {
  const [run] = group;
  if (run === undefined || !isCompiled(run.backend)) return {};
  const installation = requireInstallation(run.backend, variables);
  const threads = runThreads(run) ?? 1;
  const pooled = run.backend === "cuda" || isPooled(run.config);
  const least = pooled ? threads : 1; // else the threads of wasm take the pieces, however many there are
  const share = Math.max(least, Math.floor(allThreads(run) / numProcesses));
  return {
    ...nativeVariables({ installation, threads, isPooled: pooled }, variables),
    LOCKSTEP_THREADS: String(threads),
    // A process that was started so finds its own number of threads set, and is not started once more.
    LOCKSTEP_WASM_THREADS: variables["LOCKSTEP_WASM_THREADS"] ?? String(share),
  };
}
