/** Processes that are killed or race each other: what is published is always whole, and published once. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { decodeSafetensors } from "../../../src/core/safetensors.ts";
import { nodeFileOperations, type FileOperations } from "../../../src/store/file-operations.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import {
  attemptOptions,
  begin,
  documents,
  publishRun,
  runEvents,
  sampleKey,
} from "./sample-run.ts";

const fixture = join(import.meta.dirname, "fixtures/writer.ts");
const program = join(import.meta.dirname, `fixtures/writer-${process.pid}.bundle.mjs`);

beforeAll(() => {
  buildSync({
    entryPoints: [fixture],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
  });
});
afterAll(() => {
  rmSync(program, { force: true });
});

type Child = ChildProcessByStdio<Writable, Readable, null>;

async function startWriter(...args: string[]): Promise<Child> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "readable");
  return child;
}

/** Everything that bears the name of a published run is whole and holds what its manifest says. */
function expectSound(folder: string): number {
  const store = openStore(folder);
  const { runs, damaged } = store.listPublished();
  expect(damaged).toEqual([]);
  const names = readdirSync(folder).filter((name) => /^[0-9a-f]{16}$/.test(name));
  expect(runs).toHaveLength(names.length);
  for (const run of runs) {
    for (const file of run.manifest.files) {
      expect(sha256(readFileSync(join(run.directory, file.path)))).toBe(file.sha256);
    }
    for (const name of readdirSync(join(run.directory, "checkpoints"))) {
      decodeSafetensors(readFileSync(join(run.directory, "checkpoints", name)));
    }
    expect(readdirSync(run.directory)).not.toContain("heartbeat");
    expect(readFileSync(join(run.directory, "REPRODUCE.md"), "utf8")).toBe(documents.reproduce);
    expect(store.readResults(run).step).toBeGreaterThan(1);
  }
  return runs.length;
}

/** Milliseconds from start to the first published run of a fresh process, on this machine as busy as it is now. */
async function timeOfFirstRun(folder: string): Promise<number> {
  const child = await startWriter("loop", folder, "1");
  const start = performance.now();
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.includes("published")) break;
  }
  child.kill("SIGKILL");
  return performance.now() - start;
}

test("50 kills at random moments leave only whole runs published, and every run can be started again", async () => {
  const folder = temporaryFolder();
  const durationMs = await timeOfFirstRun(folder);
  let numPublished = 0;
  for (let kill = 0; kill < 50; kill++) {
    // Two children in a row write the same runs, so that the second meets what the first left.
    const child = await startWriter("loop", folder, String(1001 + 1000 * (kill >> 1)));
    await sleep(Math.random() * 2 * durationMs);
    child.kill("SIGKILL");
    await once(child, "exit");
    if (kill % 10 === 9) numPublished = expectSound(folder);
  }
  expect(numPublished).toBeGreaterThan(10);
  const statuses = readdirSync(join(folder, ".attempts"))
    .filter((name) => !name.startsWith("."))
    .map((name) => readdirSync(join(folder, ".attempts", name)).length);
  expect(statuses.length).toBeGreaterThan(0); // some kills hit a run in the middle
}, 60_000);

/** Operations that end at one call, as if the process were killed: nothing after it has any effect, not even clean-up. */
function dyingAt(last: number): { operations: FileOperations; calls: () => number } {
  let calls = 0;
  const alive = <Arguments extends unknown[], Result>(
    call: (...args: Arguments) => Result,
  ): ((...args: Arguments) => Result) => {
    return (...args) => {
      calls++;
      if (calls > last) throw new Error("killed");
      return call(...args);
    };
  };
  const real = { ...nodeFileOperations, sync: (): void => undefined };
  const operations: FileOperations = {
    ...real,
    makeDirectory: alive((path: string, all: boolean) => real.makeDirectory(path, all)),
    open: alive((path: string, mode: "new" | "rewrite" | "read") => real.open(path, mode)),
    write: alive((descriptor: number, bytes: Uint8Array) => {
      if (calls < last) return real.write(descriptor, bytes);
      return real.write(descriptor, bytes.subarray(0, bytes.length >> 1)); // the last one is torn
    }),
    rename: alive((from: string, to: string) => real.rename(from, to)),
    removeFile: alive((path: string) => real.removeFile(path)),
    removeEmptyDirectory: alive((path: string) => real.removeEmptyDirectory(path)),
    removeTree: alive((path: string) => real.removeTree(path)),
  };
  return { operations, calls: () => calls };
}

test("a kill at any single call leaves only whole runs published, and the run can be started again", () => {
  const dead = { ...currentProcess(), processStart: "0" };
  const quick = createFileSystem({ ...nodeFileOperations, sync: (): void => undefined });
  const said = new Set<string>();
  const tryRun = (store: string, last: number): number => {
    const { operations, calls } = dyingAt(last);
    const files = createFileSystem(operations);
    try {
      const attempt = begin(openStore(store, { files, process: dead }), attemptOptions());
      for (const event of runEvents(2)) attempt.record(event);
      attempt.finish();
      attempt.publish(documents);
    } catch (error) {
      said.add(String(error));
    }
    return calls();
  };
  const folder = temporaryFolder();
  const numCalls = tryRun(join(folder, "whole"), Infinity);
  expect(numCalls).toBeGreaterThan(60);
  for (let last = 0; last < numCalls; last++) {
    const store = join(folder, String(last));
    tryRun(store, last);
    if (last > 0) expectSound(store);
    const again = openStore(store, { files: quick });
    if (again.findPublished(sampleKey(1)) === undefined) publishRun(again, 1, runEvents(2));
    expect(expectSound(store)).toBe(1);
    rmSync(store, { recursive: true });
  }
  expect([...said]).toEqual(["Error: killed"]);
}, 60_000);

async function race(mode: "first" | "repeat", numProcesses: number): Promise<string[]> {
  const folder = temporaryFolder();
  const children = await Promise.all(
    Array.from({ length: numProcesses }, () => startWriter("once", folder, mode)),
  );
  const outcomes = children.map(async (child) => {
    let output = "";
    for await (const chunk of child.stdout) output += String(chunk);
    return output.replace("ready\n", "");
  });
  for (const child of children) child.stdin.write("go\n");
  const results = await Promise.all(outcomes);
  expect(expectSound(folder)).toBe(1);
  const left = readdirSync(join(folder, ".attempts"), { recursive: true });
  expect(left, results.join(" ")).toEqual([]);
  return results;
}

const count = (results: readonly string[], wanted: string): number =>
  results.filter((result) => result === wanted).length;

test("of 20 processes that start one run together, one computes and publishes it", async () => {
  const results = await race("first", 20);
  expect(count(results, "published")).toBe(1);
  expect(count(results, "run-active") + count(results, "found")).toBe(19);
}, 120_000);

test("of 20 processes that repeat one run, each finds it active or proves the duplicate", async () => {
  const results = await race("repeat", 20);
  expect(count(results, "published")).toBe(1);
  expect(count(results, "run-active") + count(results, "duplicate")).toBe(19);
}, 30_000);
