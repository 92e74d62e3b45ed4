/**
 * What surrounds the process: limits that a container sets, who started it, and the lock files of the project. Read from
 * files and from variables that are named here; where the system does not tell, the fact is `null` or absent.
 */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { sha256 } from "../core/hash.ts";
import { lockFileNames } from "../core/lock-file-names.ts";

/** Limits and signs of a container; a type, so that it is JSON data. */
export type HostFacts = {
  /** `docker`, `podman`, `kubernetes`, `lxc`, …; `null` where nothing says that this is a container. */
  readonly container: string | null;
  /** Of the group of processes; `null` where there is none. */
  readonly memoryLimitBytes: number | null;
  /** Processors' worth of time that the group may use; `null` where it is not limited. */
  readonly cpuLimit: number | null;
  /** Threads that run at once, by the processors that this process may use. */
  readonly numThreadsAtOnce: number;
  /** Threads for files and the like, besides those of the backend. */
  readonly fileThreads: number;
};

/** A lock file by its name, relative to the project; a type, so that it is JSON data. */
export type LockFile = { readonly path: string; readonly sha256: string };

/** Variables and files that tests put in place of the machine's. */
export interface HostView {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The text of a file, `undefined` where there is none. */
  readonly read: (path: string) => string | undefined;
}

/** The variables and files of this process. */
export const thisHost: HostView = { variables: process.env, read: textOf };

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // not on this system, or not for us
  }
}

/** The facts of the machine, or of what tests show. */
export function hostFacts(view: HostView = thisHost): HostFacts {
  const { UV_THREADPOOL_SIZE: pool = "" } = view.variables;
  return {
    container: containerOf(view),
    memoryLimitBytes: memoryLimit(view),
    cpuLimit: cpuLimit(view),
    numThreadsAtOnce: availableParallelism(),
    fileThreads: /^[1-9]\d{0,3}$/.test(pool) ? Number(pool) : 4, // what libuv takes
  };
}

/** Which container this is by the first sign that says so, `null` where none does; none of them is proof. */
export function containerOf({ variables, read }: HostView): string | null {
  if (variables["KUBERNETES_SERVICE_HOST"] !== undefined) return "kubernetes";
  if (read("/.dockerenv") !== undefined) return "docker";
  const podman = read("/run/.containerenv");
  if (podman !== undefined) return "podman";
  const { container } = variables; // systemd-nspawn, lxc and podman set it
  if (container !== undefined && /^[a-z][a-z0-9-]{0,30}$/.test(container)) return container;
  const groups = read("/proc/1/cgroup") ?? "";
  return /docker|kubepods|lxc|containerd/.exec(groups)?.[0] ?? null;
}

function memoryLimit({ read }: HostView): number | null {
  const text =
    read("/sys/fs/cgroup/memory.max") ?? read("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  const bytes = Number(text?.trim());
  // The first version says "none" as a number near 2^63.
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

function cpuLimit({ read }: HostView): number | null {
  const quotaAndPeriod =
    read("/sys/fs/cgroup/cpu.max") ??
    `${read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")} ${read("/sys/fs/cgroup/cpu/cpu.cfs_period_us")}`;
  const [quota = Number.NaN, period = Number.NaN] = quotaAndPeriod.trim().split(/\s+/).map(Number);
  return quota > 0 && period > 0 ? quota / period : null;
}

/** The lock files of a project, or of the workspace around it, with their SHA-256. */
export function lockFilesOf(projectDirectory: string): readonly LockFile[] {
  for (let folder = projectDirectory; ; folder = dirname(folder)) {
    const names = lockFileNames.filter((name) => existsSync(join(folder, name)));
    const found = names.flatMap((name): readonly LockFile[] => {
      const text = textOf(join(folder, name));
      const path = relative(projectDirectory, join(folder, name)).split(sep).join("/");
      return text === undefined ? [] : [{ path, sha256: sha256(text) }];
    });
    const isTop = !existsSync(join(dirname(folder), "package.json")) || folder === dirname(folder);
    if (found.length > 0 || isTop) return found;
  }
}
