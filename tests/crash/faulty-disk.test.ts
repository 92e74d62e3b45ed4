/** A disk that fails, or fills up, at any call, that takes a part of what is written, and that then loses its power. */
import { expect, test } from "vitest";
import { sha256 } from "../../src/core/hash.ts";
import { isExpError } from "../../src/core/errors.ts";
import { createFileSystem } from "../../src/store/file-system.ts";
import { openStore } from "../../src/store/store.ts";
import { brokenPromises, clock, unlikeUninterrupted, writer, type Expected } from "./promises.ts";
import { seeded } from "./random.ts";
import { createDisk, systemError, type DiskCall, type DiskOptions } from "./simulated-disk.ts";
import { workload, type Promised } from "./workload.ts";

const numRounds = process.env["CRASH"] === "full" ? 5_000 : 150;

/** Calls that a full disk refuses; it still removes, and it still reads. */
const spaceCalls: ReadonlySet<DiskCall["name"]> = new Set([
  "mkdir",
  "open",
  "write",
  "fsync",
  "rename",
]);

interface Whole {
  readonly expected: Expected;
  readonly numCalls: number;
}

/** The workload on a disk without a fault. */
function whole(): Whole {
  let numCalls = 0;
  const disk = createDisk({ before: () => void numCalls++ });
  const store = openStore("/project/runs", {
    files: createFileSystem(disk.operations),
    process: writer,
    clock,
  });
  workload(store, () => undefined);
  const { runs } = store.listPublished();
  const expected = new Map(
    runs.map(({ runKey, manifest }) => [runKey, sha256(JSON.stringify(manifest))]),
  );
  return { expected, numCalls };
}

/** One execution with a fault that follows from the seed; sentences about what is wrong afterwards. */
function tryOnce(seed: number, { expected, numCalls }: Whole): readonly string[] {
  const random = seeded(seed);
  const isFull = random() < 0.5;
  const first = Math.floor(random() * numCalls);
  const isShort = random() < 0.5;
  let call = 0;
  let isFailing = true;
  const options: DiskOptions = {
    before: ({ name, path }) => {
      const isHit = isFull ? call >= first && spaceCalls.has(name) : call === first;
      call++;
      if (isFailing && isHit) throw systemError(isFull ? "ENOSPC" : "EIO", name, path);
    },
    takes: (numBytes) => (isShort ? Math.ceil(random() * numBytes) : numBytes),
  };
  const disk = createDisk(options);
  const promised: Promised[] = [];
  const problems: string[] = [];
  try {
    const files = createFileSystem(disk.operations);
    const store = openStore("/project/runs", { files, process: writer, clock });
    workload(store, (promise) => {
      const isAfterFault = call > first;
      // An exit record that cannot be written is none: `fail` never throws, and the attempt counts as lost.
      if (isAfterFault && (promise.kind === "failure" || promise.kind === "conflict")) return;
      promised.push(promise);
    });
  } catch (error) {
    const expectedText = isFull ? /^The disk is full/u : /^The storage device reported an error/u;
    const isSaid = isExpError(error) && expectedText.test(error.message);
    if (!isSaid) problems.push(`it ended with ${String(error)}`);
  }
  isFailing = false;
  problems.push(...brokenPromises(disk.operations, promised, expected));
  const { operations } = disk.afterPowerLoss(random);
  problems.push(...brokenPromises(operations, promised, expected));
  if (problems.length > 0) return problems;
  return unlikeUninterrupted(operations, promised, expected);
}

test(`${numRounds} executions with a failing call, a full disk or short writes keep what they promised`, () => {
  const facts = whole();
  expect(facts.numCalls).toBeGreaterThan(1_000);
  const found: { seed: number; problems: readonly string[] }[] = [];
  for (let seed = 1; seed <= numRounds; seed++) {
    const problems = tryOnce(seed, facts);
    if (problems.length > 0) found.push({ seed, problems });
  }
  expect(found.slice(0, 5)).toEqual([]);
}, 3_600_000);
