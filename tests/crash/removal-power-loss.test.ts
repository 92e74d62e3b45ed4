/** The power goes while runs are taken out, put back and removed for good: none is lost, and none is half there. */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/core/hash.ts";
import { survivor, writer } from "./promises.ts";
import { seeded } from "./random.ts";
import {
  disksOfRuns,
  filesOfRun,
  removeAndRestore,
  settled,
  storeOn,
  wrongAfterRemoval,
  type Whereabouts,
} from "./removals.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

const isFull = process.env["CRASH"] === "full";
const numStates = isFull ? 25_000 : 200;

const { disk: base, promised } = disksOfRuns();
const { runs } = storeOn(base.operations, survivor).listPublished();
const expected = new Map(
  runs.map(({ runKey, manifest }) => [runKey, sha256(JSON.stringify(manifest))]),
);

/** The disk before a call that changes it. */
interface Moment {
  readonly disk: SimulatedDisk;
  readonly whereabouts: Whereabouts;
  readonly call: number;
  readonly numSyncs: number;
}

/** What ends a replay early. */
class Seen extends Error {}

describe.each([
  ["a finished run", 1],
  ["a run of which there are attempts only", 3],
])("%s that is removed on a disk that loses its power", (_what, seed) => {
  const files = filesOfRun(base.operations, seed);
  let numCalls = 0;
  const syncs = replay(() => numCalls++);

  test(`is there or not there, and whole, in ${numStates} seeded states`, () => {
    expect(files.length).toBeGreaterThan(15);
    expect(numCalls).toBeGreaterThan(50);
    const found: { call: number; round: number; problems: readonly string[] }[] = [];
    const perCall = Math.ceil(numStates / numCalls);
    replay((moment) => {
      for (let round = 0; round < perCall; round++) {
        const problems = wrongAfter(moment, round);
        if (problems.length > 0) found.push({ call: moment.call, round, problems });
      }
    });
    expect(found.slice(0, 5)).toEqual([]);
  }, 1_800_000);

  test("would be lost, or half there, if any one fsync were left out", () => {
    expect(syncs.length).toBeGreaterThan(10);
    const unnoticed = syncs.flatMap((path, index) =>
      isNoticed(index) ? [] : [`${index} ${path}`],
    );
    expect(unnoticed).toEqual([]);
  }, 1_800_000);

  /** Takes out and puts back, and shows each moment of it; gives back the paths of the syncs that had an effect. */
  function replay(look: (moment: Moment) => void, dropped = -1): readonly string[] {
    const paths: string[] = [];
    let whereabouts: Whereabouts = "store";
    let call = 0;
    const show = (): void => {
      look({ disk, whereabouts, call: call++, numSyncs: paths.length });
    };
    const disk = settled(base, {
      before: ({ name, path, hasEffect }) => {
        if (!hasEffect) return;
        show();
        if (name === "fsync") paths.push(path);
      },
      dropsSync: () => paths.length - 1 === dropped,
    });
    removeAndRestore(storeOn(disk.operations, writer), seed, (now) => {
      whereabouts = now;
      show(); // what was promised holds at once
    });
    show();
    return paths;
  }

  function wrongAfter({ disk, whereabouts, call }: Moment, round: number): readonly string[] {
    const { operations } = disk.afterPowerLoss(seeded(call * 1_000_003 + round));
    const facts = {
      promised: promised.filter((one) => "seed" in one && one.seed !== seed),
      expected,
    };
    const isRunAgain = seed !== 3 && round % 4 === 0;
    try {
      return wrongAfterRemoval(operations, { seed, whereabouts, files, isRunAgain, ...facts });
    } catch (error) {
      return [String(error)];
    }
  }

  /** Looks only after the sync that is left out: before it, the disk is what it always was. */
  function isNoticed(dropped: number): boolean {
    for (let round = 0; round < 20; round++) {
      let numLooks = 0;
      try {
        replay((moment) => {
          if (moment.numSyncs <= dropped || numLooks++ > 25) return;
          if (wrongAfter(moment, round).length > 0) throw new Seen();
        }, dropped);
      } catch (error) {
        if (error instanceof Seen) return true;
        throw error;
      }
    }
    return false;
  }
});
