/** Writers that are killed at random moments, and writers that race for one run. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { finishRun, type Promised } from "./workload.ts";
import { bundleWriter, crashFolder, linesOf, promisesIn, startWriter, wrongIn } from "./writers.ts";
import { sampleKey } from "../unit/store/sample-run.ts";

bundleWriter();
const isFull = process.env["CRASH"] === "full";
const numKills = isFull ? 1_000 : 100;
const numRacers = isFull ? 200 : 40;

/** Milliseconds that a writer needs for three runs here and now. */
async function timeOfThreeRuns(): Promise<number> {
  const child = await startWriter("loop", crashFolder(), "1");
  const start = performance.now();
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.split("published").length > 3) break;
  }
  child.kill("SIGKILL");
  return performance.now() - start;
}

test(`${numKills} kills at random moments: nothing promised is lost, nothing half done is shown`, async () => {
  const durationMs = await timeOfThreeRuns();
  const expected = expectedManifests();
  let numPublished = 0;
  let numHalf = 0;
  for (let batch = 0; batch * 10 < numKills; batch++) {
    const folder = crashFolder();
    const promises: Promised[] = [];
    for (let kill = 0; kill < 10; kill++) {
      // Always the same runs, so that each writer meets what the one before left.
      const child = await startWriter("loop", folder, "1");
      const lines = linesOf(child);
      await sleep(Math.random() * durationMs);
      expect(child.exitCode).toBeNull(); // it writes for ever
      child.kill("SIGKILL");
      await once(child, "exit");
      promises.push(...promisesIn(await lines));
      expect(wrongIn(folder, promises)).toEqual([]);
    }
    const store = openStore(folder);
    numHalf += readdirSync(join(folder, ".attempts")).length;
    numPublished += store.listPublished().runs.length;
    for (const seed of [1, 2, 3]) {
      const isDone = store.findPublished(sampleKey(seed)) !== undefined;
      expect(isDone ? [] : finishRun(store, seed)).toEqual([]);
      const run = store.findPublished(sampleKey(seed));
      expect(JSON.stringify(run?.manifest)).toBe(expected.get(seed));
    }
    store.check({ isRepairing: true });
    const left = store.check({ isRepairing: false }).findings;
    expect(left.filter(({ severity }) => severity !== "note")).toEqual([]);
  }
  expect(numPublished).toBeGreaterThan(numKills / 10);
  expect(numHalf).toBeGreaterThan(numKills / 40); // some kills hit a run in the middle
}, 1_800_000);

/** What runs come to that nobody kills. */
function expectedManifests(): ReadonlyMap<number, string> {
  const store = openStore(crashFolder());
  return new Map(
    [1, 2, 3].map((seed) => {
      finishRun(store, seed);
      return [seed, JSON.stringify(store.findPublished(sampleKey(seed))?.manifest)];
    }),
  );
}

test(`${numRacers} processes race for one run: one publishes it, all others prove that it repeats`, async () => {
  const folder = crashFolder();
  const children = [];
  while (children.length < numRacers) {
    const some = Array.from({ length: 10 }, () => startWriter("race", folder));
    children.push(...(await Promise.all(some)));
  }
  const results = children.map(linesOf);
  for (const child of children) child.stdin.write("go\n");
  const outcomes = (await Promise.all(results)).flat();
  const count = (wanted: string): number => outcomes.filter((one) => one === wanted).length;
  expect({ published: count("published"), duplicate: count("duplicate") }).toEqual({
    published: 1,
    duplicate: numRacers - 1,
  });
  const store = openStore(folder);
  const { annotations } = store.annotations(sampleKey(1));
  expect(annotations.filter(({ kind }) => kind === "duplicate")).toHaveLength(numRacers - 1);
  expect(readdirSync(join(folder, ".attempts"))).toEqual([]);
  const { findings } = store.check({ isRepairing: false });
  expect(findings.filter(({ code }) => code !== "missing-code")).toEqual([]);
}, 600_000);
