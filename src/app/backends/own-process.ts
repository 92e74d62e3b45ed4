/** A command that has to look at runs on a compiled backend itself is started once more, in a process made for it. */
import { spawn } from "node:child_process";
import type { Variables } from "../../backend/native/place.ts";
import type { PlannedRun } from "../../resolve/plan.ts";
import { groupByProcess, runVariables } from "./run-variables.ts";

/**
 * Starts this very command again where the runs need other variables than this process was started with.
 * @returns Its exit status; `undefined` where this process will do.
 */
export function runInOwnProcess(
  runs: readonly Pick<PlannedRun, "backend" | "config">[],
  variables: Variables,
): Promise<number> | undefined {
  const needed = groupByProcess(runs).map((group) => runVariables(group, variables));
  const missing = needed.find((group) =>
    Object.entries(group).some(([name, value]) => variables[name] !== value),
  );
  if (missing === undefined) return undefined;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: "inherit",
      env: { ...variables, ...missing },
    });
    child.on("error", reject);
    child.on("close", (status, signal) => resolve(status ?? 128 + signalNumber(signal)));
  });
}

/** As shells count: SIGSEGV is 11, SIGABRT 6. */
function signalNumber(signal: string | null): number {
  const numbers: Readonly<Record<string, number>> = { SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11 };
  return numbers[signal ?? ""] ?? 15;
}
