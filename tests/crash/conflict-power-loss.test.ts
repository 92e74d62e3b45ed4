/**
 * The power goes while an attempt that did not repeat is set aside: its process was taken for dead, another one published
 * the run, and it comes to other results. At every instant both results are there, the other one in one place or the other.
 */
import { expect, test } from "vitest";
import { sha256 } from "../../src/core/hash.ts";
import { isExpError, type ExpError } from "../../src/core/errors.ts";
import type { Attempt } from "../../src/store/attempt.ts";
import { readAttemptRecord } from "../../src/store/attempt-record.ts";
import type { FileOperations } from "../../src/store/file-operations.ts";
import { createFileSystem } from "../../src/store/file-system.ts";
import { attemptOptions, begin, documents, sampleKey } from "../unit/store/sample-run.ts";
import { brokenPromises, survivor, writer, type Expected } from "./promises.ts";
import { seeded } from "./random.ts";
import { storeOn } from "./removals.ts";
import { createDisk, type DiskOptions, type SimulatedDisk } from "./simulated-disk.ts";
import { recordRun, type Promised } from "./workload.ts";

const numStates = process.env["CRASH"] === "full" ? 20_000 : 1_000;
const folder = "/project/runs";

/** The disk before a call that changes it. */
interface Moment {
  readonly disk: SimulatedDisk;
  readonly promised: readonly Promised[];
  readonly call: number;
  readonly numSyncs: number;
}

/** Shows each moment from the last event of the attempt on; gives back the paths of the syncs that had an effect. */
function replay(look: (moment: Moment) => void, dropped = -1) {
  const syncs: string[] = [];
  const promised: Promised[] = [{ kind: "published", seed: 1 }];
  let isRecorded = false;
  let call = 0;
  const show = (): void => {
    if (isRecorded) look({ disk, promised, call: call++, numSyncs: syncs.length });
  };
  const options: DiskOptions = {
    before: ({ name, path, hasEffect }) => {
      if (!hasEffect || !isRecorded) return;
      show();
      if (name === "fsync") syncs.push(path);
    },
    dropsSync: () => isRecorded && syncs.length - 1 === dropped,
  };
  const disk = createDisk(options);
  const attempt = begin(storeOn(disk.operations, writer), attemptOptions(1));
  recordRun(attempt, { seed: 1, scale: 3 }, () => undefined);
  const store = storeOn(disk.operations, survivor);
  const other = begin(store, attemptOptions(1));
  recordRun(other, { seed: 1 }, () => undefined);
  other.finish();
  other.publish(documents);
  isRecorded = true;
  attempt.finish();
  const error = conflictOf(attempt);
  promised.push({ kind: "annotation", seed: 1, said: "conflict" });
  attempt.fail(error);
  promised.push({ kind: "conflict", seed: 1 });
  show();
  const { runs } = store.listPublished();
  const expected = new Map(
    runs.map(({ runKey, manifest }) => [runKey, sha256(JSON.stringify(manifest))]),
  );
  return { syncs, numCalls: call, expected };
}

/** The error that publishing ends with. */
function conflictOf(attempt: Attempt): ExpError {
  try {
    attempt.publish(documents);
  } catch (error) {
    if (isExpError(error) && error.code === "conflict") return error;
    throw error;
  }
  throw new Error("it was published");
}

/** The checkpoint that the attempt promised, with the record of whose it is, in one place or the other. */
function isKept(operations: FileOperations): boolean {
  return [".attempts", ".conflicts"]
    .map((root) => `${folder}/${root}/${sampleKey(1).slice(0, 16)}`)
    .filter((place) => operations.status(place)?.kind === "directory")
    .flatMap((place) => operations.list(place).map((number) => `${place}/${number}`))
    .filter((one) => operations.status(`${one}/checkpoints/step-4.safetensors`) !== undefined)
    .some((one) => readAttemptRecord(createFileSystem(operations), one) !== undefined);
}

/** All that is wrong after a loss of power. */
function lookAfterLoss(
  { disk, promised, call }: Moment,
  { round, expected }: { readonly round: number; readonly expected: Expected },
): readonly string[] {
  const { operations } = disk.afterPowerLoss(seeded(call * 1_000_003 + round));
  try {
    const problems = brokenPromises(operations, promised, expected);
    return isKept(operations) ? problems : [...problems, "the other result is gone"];
  } catch (error) {
    return [String(error)];
  }
}

/** What ends a replay early. */
class Seen extends Error {}

const { syncs, numCalls, expected } = replay(() => undefined);

test(`both results are kept in ${numStates} seeded states`, () => {
  expect(numCalls).toBeGreaterThan(50);
  const perCall = Math.ceil(numStates / numCalls);
  const found: { call: number; round: number; problems: readonly string[] }[] = [];
  replay((moment) => {
    for (let round = 0; round < perCall; round++) {
      const problems = lookAfterLoss(moment, { round, expected });
      if (problems.length > 0) found.push({ call: moment.call, round, problems });
    }
  });
  expect(found.slice(0, 5)).toEqual([]);
}, 1_800_000);

test("one of them would be lost, or torn, if any one fsync were left out", () => {
  expect(syncs.length).toBeGreaterThan(15);
  const unnoticed = syncs.flatMap((path, index) => (isNoticed(index) ? [] : [`${index} ${path}`]));
  expect(unnoticed).toEqual([]);
}, 1_800_000);

/** Looks only after the sync that is left out: before it, the disk is what it always was. */
function isNoticed(dropped: number): boolean {
  for (let round = 0; round < 20; round++) {
    let numLooks = 0;
    try {
      replay((moment) => {
        if (moment.numSyncs <= dropped || numLooks++ > 60) return;
        if (lookAfterLoss(moment, { round, expected }).length > 0) throw new Seen();
      }, dropped);
    } catch (error) {
      if (error instanceof Seen) return true;
      throw error;
    }
  }
  return false;
}
