/**
 * A process is killed, another one removes what nobody needs any more, and then the power goes: what the first one had not
 * synced may be gone, and must not have been the reason to remove anything.
 */
import { expect, test } from "vitest";
import { sha256 } from "../../src/core/hash.ts";
import { brokenPromises, survivor, writer, type Expected } from "./promises.ts";
import { seeded } from "./random.ts";
import { settled, storeOn, wrongRun } from "./removals.ts";
import { createDisk } from "./simulated-disk.ts";
import { finishRun, stopRun, type Promised } from "./workload.ts";

const isFull = process.env["CRASH"] === "full";
const numRounds = isFull ? 20 : 2;
/** The process is killed before one call in so many. */
const stride = isFull ? 1 : 3;

class Killed extends Error {}

const promised: Promised[] = [];
const base = stoppedRun();
const expected = uninterrupted();

/** Run 3, which can be gone on with from step 3. */
function stoppedRun() {
  const disk = createDisk();
  stopRun(storeOn(disk.operations, writer), 3, (one) => promised.push(one));
  return settled(disk);
}

function uninterrupted(): Expected {
  const store = storeOn(createDisk().operations, writer);
  finishRun(store, 3);
  const { runs } = store.listPublished();
  return new Map(runs.map(({ runKey, manifest }) => [runKey, sha256(JSON.stringify(manifest))]));
}

/** Changing calls of a process that goes on with the run, until it is killed before one of them. */
function goOn(killedBefore: number) {
  let numCalls = 0;
  let look: (() => void) | undefined;
  const disk = settled(base, {
    before: ({ hasEffect }) => {
      if (!hasEffect) return;
      if (look !== undefined) return look();
      if (numCalls++ >= killedBefore) throw new Killed();
    },
  });
  try {
    finishRun(storeOn(disk.operations, writer), 3);
  } catch (error) {
    if (numCalls <= killedBefore) throw error;
  }
  /** Removes what nobody needs, as another process, and shows the disk before each call. */
  const collect = (each: () => void): void => {
    look = each;
    storeOn(disk.operations, survivor).collectGarbage({ olderThanMs: 0, isRemoving: true });
    each();
  };
  return { disk, numCalls, collect };
}

test("a checkpoint is removed only when the newer one is on the disk", () => {
  const { numCalls } = goOn(Infinity);
  expect(numCalls).toBeGreaterThan(100);
  const found: { killedBefore: number; look: number; problems: readonly string[] }[] = [];
  for (let killedBefore = 0; killedBefore < numCalls; killedBefore += stride) {
    const { disk, collect } = goOn(killedBefore);
    let look = 0;
    collect(() => {
      look++;
      for (let round = 0; round < numRounds; round++) {
        const random = seeded(killedBefore * 1_000_003 + look * 101 + round);
        const { operations } = disk.afterPowerLoss(random);
        const problems = [
          ...brokenPromises(operations, promised, expected),
          ...wrongRun(storeOn(operations, survivor), promised),
          ...brokenPromises(operations, promised, expected),
        ];
        if (problems.length > 0) found.push({ killedBefore, look, problems });
      }
    });
  }
  expect(found.slice(0, 5)).toEqual([]);
}, 1_800_000);
