import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { hostFacts, lockFilesOf } from "../../../src/store/environment-host.ts";
import { temporaryFolder } from "./helpers.ts";

function host(
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
): ReturnType<typeof hostFacts> {
  return hostFacts({ variables, read: (path) => files[path] });
}

test("limits of a group of processes are told in bytes and processors, and none as null", () => {
  const second = {
    "/sys/fs/cgroup/memory.max": "2147483648\n",
    "/sys/fs/cgroup/cpu.max": "150000 100000\n",
  };
  expect(host(second)).toMatchObject({ memoryLimitBytes: 2 ** 31, cpuLimit: 1.5 });
  const open = { "/sys/fs/cgroup/memory.max": "max\n", "/sys/fs/cgroup/cpu.max": "max 100000\n" };
  expect(host(open)).toMatchObject({ memoryLimitBytes: null, cpuLimit: null });
  const first = {
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
  };
  expect(host(first)).toMatchObject({ memoryLimitBytes: null, cpuLimit: 0.5 });
  expect(host({})).toMatchObject({ container: null, memoryLimitBytes: null, cpuLimit: null });
});

test.each([
  ["docker", { "/.dockerenv": "" }, {}],
  ["podman", { "/run/.containerenv": "" }, {}],
  ["kubernetes", { "/.dockerenv": "" }, { KUBERNETES_SERVICE_HOST: "10.0.0.1" }],
  ["kubepods", { "/proc/1/cgroup": "0::/kubepods.slice/x\n" }, {}],
  ["lxc", {}, { container: "lxc" }],
  [null, { "/proc/1/cgroup": "0::/init.scope\n" }, { container: "; rm -rf" }],
])("a container shows itself as %s", (name, files: Record<string, string>, variables) => {
  expect(host(files, variables)).toMatchObject({ container: name });
});

test("threads for files are what the variable says, where it says a number", () => {
  expect(host({}, { UV_THREADPOOL_SIZE: "16" }).fileThreads).toBe(16);
  expect(host({}, { UV_THREADPOOL_SIZE: "many" }).fileThreads).toBe(4);
  expect(host({}).numThreadsAtOnce).toBeGreaterThan(0);
});

test("lock files are those of the project, else of the workspace around it", () => {
  const workspace = temporaryFolder();
  const project = join(workspace, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), "{}");
  expect(lockFilesOf(project)).toEqual([]);
  writeFileSync(join(workspace, "pnpm-lock.yaml"), "a: 1\n");
  expect(lockFilesOf(project)).toEqual([]); // not a workspace: nothing says that the folder is one
  writeFileSync(join(workspace, "package.json"), "{}");
  expect(lockFilesOf(project)).toEqual([{ path: "../pnpm-lock.yaml", sha256: sha256("a: 1\n") }]);
  writeFileSync(join(project, "package-lock.json"), "{}");
  expect(lockFilesOf(project)).toEqual([{ path: "package-lock.json", sha256: sha256("{}") }]);
});
