/** What the machine has to compute with. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * What a process takes beside the tensors and the data of its run, in bytes: Node.js, Lockstep's code and TensorFlow.js,
 * both compiled, the kernels with their threads, and garbage. Measured on Linux x64: whole runs of the smallest models take
 * 190 to 200 MB, and those of the experiments of this repository 200 to 300 MB beside what is estimated of them.
 */
export const numProcessBytes = 280e6;

/** Bytes of memory that this process takes now, with all its threads. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}

/** The most bytes of memory that this process took at once since it was started. */
export function peakResidentBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Bytes of memory that this process may still take. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  const available = process.availableMemory();
  return limit > 0 && limit < 2 ** 50 ? Math.min(limit, available) : available;
}

/**
 * Cores that this process may use, at least 1: those that it may be scheduled on, or fewer where its control group gives
 * it less time than they have, as in a container with `--cpus 2`.
 */
export function availableCores(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(groupCores(readText))));
}

/**
 * The cores' worth of time that control groups of Linux leave to this process; Infinity where nothing limits it.
 * @param read - Content of a file of the system, or `undefined` where it is not there.
 */
export function groupCores(read: (path: string) => string | undefined): number {
  const own = /^0::(?<path>\/.*)$/mu.exec(read("/proc/self/cgroup") ?? "")?.groups?.["path"] ?? "/";
  const names = own.split("/").filter((name) => name !== "");
  let fewest = Infinity;
  for (let depth = 0; depth <= names.length; depth++) {
    const folder = ["/sys/fs/cgroup", ...names.slice(0, depth)].join("/");
    const [quota, period] = (read(`${folder}/cpu.max`) ?? "").trim().split(" ");
    fewest = Math.min(fewest, share(quota, period));
  }
  const old = "/sys/fs/cgroup/cpu/cpu.cfs"; // version 1 of the interface
  return Math.min(fewest, share(read(`${old}_quota_us`), read(`${old}_period_us`)));
}

/** `max`, -1 or nothing at all is no limit. */
function share(quota: string | undefined, period: string | undefined): number {
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : Infinity;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // another system, or no such group
  }
}
