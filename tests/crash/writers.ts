/** Starting writers, and looking at what they left. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { openStore } from "../../src/store/store.ts";
import type { Promised } from "./workload.ts";
import { sampleKey } from "../unit/store/sample-run.ts";

/** In memory where there is such a place: killing a process takes nothing from the disk. */
const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const program = join(base, `lockstep-writer-${process.pid}.mjs`);

/** Bundles the writer for the tests of a file: a start then takes a tenth of a second. */
export function bundleWriter(): string {
  beforeAll(() => {
    const entryPoints = [join(import.meta.dirname, "writer.ts")];
    const how = { bundle: true, platform: "node", format: "esm" } as const;
    buildSync({ entryPoints, outfile: program, ...how });
  });
  afterAll(() => {
    rmSync(program, { force: true });
  });
  return program;
}

/** A folder that is removed after the test. */
export function crashFolder(): string {
  const folder = mkdtempSync(join(base, "lockstep-crash-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A writer that has said that it is ready. */
export async function startWriter(...args: readonly string[]): Promise<Child> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "readable");
  return child;
}

/** What a writer has printed, line by line, after it ended. */
export async function linesOf(child: Child): Promise<readonly string[]> {
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  const lines = text.split("\n");
  return lines.slice(0, -1).filter((line) => line !== "ready");
}

/** The promises among the lines that a writer printed. */
export function promisesIn(lines: readonly string[]): readonly Promised[] {
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Promised); // our own writer wrote it
}

/** Sentences about what is wrong in a store whose writers are gone. */
export function wrongIn(folder: string, promises: readonly Promised[]): readonly string[] {
  const store = openStore(folder);
  const { findings } = store.check({ isRepairing: false });
  const errors = findings.filter(({ severity }) => severity === "error");
  const broken = promises.filter((promise) => !isKept(folder, promise));
  return [
    ...errors.map(({ path, message }) => `${path}: ${message}`),
    ...broken.map((promise) => `broken: ${JSON.stringify(promise)}`),
  ];
}

function isKept(folder: string, promise: Promised): boolean {
  if (promise.kind !== "published" && promise.kind !== "checkpoint") return true;
  const runKey = sampleKey(promise.seed);
  const store = openStore(folder);
  if (store.findPublished(runKey) !== undefined) return true;
  if (promise.kind === "published") return false;
  return store.listAttempts(runKey).some(({ directory }) => {
    const file = join(directory, "checkpoints/last.safetensors");
    return existsSync(file) && readFileSync(file).includes(`"step":"`);
  });
}
