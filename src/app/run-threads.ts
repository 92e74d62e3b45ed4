/** How many threads a run computes with: recorded with its environment, and warned about where there are too many. */
import { availableCores } from "../backend/host-limits.ts";
import { chooseThreads, isLimitedToOneThread, keeperThreads } from "../backend/threads.ts";
import { nativeVariables } from "../backend/native/environment.ts";
import { findInstallation, libraryDigest } from "../backend/native/installation.ts";
import { isCompiled } from "../backend/native/place.ts";
import type { JsonObject } from "../core/json.ts";
import { isPooled, libraryThreads } from "./library-threads.ts";
import type { PackageFacts } from "../resolve/packages.ts";
import type { PlannedRun } from "../resolve/plan.ts";

type RunSetting = Pick<PlannedRun, "backend" | "config">;

/**
 * Threads of a run, or `undefined` where its task computes on no backend of ours: as its config says, else as
 * `LOCKSTEP_THREADS` says, else all cores; on `native` those that its model is worth (`libraryThreads`).
 * @throws {ExpError} `environment` for a wrong `LOCKSTEP_THREADS`, where that decides.
 */
export function runThreads({ backend, config }: RunSetting): number | undefined {
  if (backend === "cpu") return 1;
  if (backend !== "wasm" && !isCompiled(backend)) return undefined;
  const all = allThreads({ config });
  if (typeof config["threads"] === "number") return all;
  const isLeftOpen = (process.env["LOCKSTEP_THREADS"] ?? "") === "";
  return backend === "native" && isLeftOpen ? libraryThreads(config, all) : all;
}

/** Threads of a run, whatever its model is worth; as `runThreads` for the rest. */
export function allThreads({ config: { threads } }: Pick<RunSetting, "config">): number {
  return chooseThreads(typeof threads === "number" ? threads : undefined);
}

/** What `environment.json` says of the backend of a run. */
export function backendFacts(run: RunSetting, packages: readonly PackageFacts[]): JsonObject {
  const tensorFlow = packages.filter(({ name }) => name.startsWith("@tensorflow/"));
  const threads = runThreads(run);
  return {
    name: run.backend,
    ...(threads !== undefined && { threads }),
    ...compiledFacts(run, threads),
    packages: tensorFlow.map((entry) => ({ ...entry })),
  };
}

/** Of a backend that is compiled on the machine: the library, and the variables that its process was started with. */
function compiledFacts({ backend, config }: RunSetting, threads: number | undefined): JsonObject {
  const installation = isCompiled(backend) ? findInstallation(backend, process.env) : undefined;
  if (installation === undefined || threads === undefined) return {};
  const { tensorflow, sources, compiler } = installation.manifest;
  return {
    tensorflow,
    librarySha256: libraryDigest(installation.manifest),
    wasmThreads: keeperThreads(threads),
    addon: { sources, compiler },
    variables: nativeVariables({ installation, threads, isPooled: isPooled(config) }, process.env),
  };
}

/**
 * Threads that compute in each process of a run, of so many at the same time: pieces of products go to the threads of `wasm`,
 * which take the share of each process, however many pieces there are.
 */
export function threadsOfProcess(run: RunSetting, numProcesses: number): number {
  const threads = runThreads(run) ?? 0;
  if (run.backend !== "native" || threads <= 1 || isPooled(run.config)) return threads;
  return Math.max(1, Math.floor(allThreads(run) / numProcesses));
}

/** Runs with the same key have the same environment. */
export function environmentKey(run: RunSetting & Pick<PlannedRun, "environmentClass">): string {
  return `${run.environmentClass} ${runThreads(run) ?? ""}`;
}

/**
 * Warns of more threads than cores, and where there is one thread whatever was asked for.
 * @param numJobs - Processes at the same time.
 */
export function threadWarnings(
  runs: readonly RunSetting[],
  numJobs: number,
  numCores: number = availableCores(),
): readonly string[] {
  if (isLimitedToOneThread() && runs.some(({ backend }) => backend === "wasm")) {
    return [
      "This Node.js gives no memory that threads share: the backend wasm computes with one thread, which is slower and gives the same bits.",
    ];
  }
  const numProcesses = Math.min(numJobs, runs.length);
  const most = Math.max(0, ...runs.map((run) => threadsOfProcess(run, numProcesses)));
  if (most <= 1 || most * numProcesses <= numCores) return [];
  const where = numProcesses > 1 ? ` in each of ${numProcesses} processes` : "";
  const cores = numCores === 1 ? "1 core" : `${numCores} cores`;
  return [
    `${most} threads${where} share ${cores}, which is slower than a thread for each. ` +
      "Leave threads and LOCKSTEP_THREADS unset, and they are counted out.",
  ];
}

/** Threads that a run takes where its config says nothing. */
export function doctorThreads(): number {
  return chooseThreads(undefined);
}
