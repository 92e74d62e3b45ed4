/**
 * A real training, killed at random instants until it is through: what it comes to is the manifest of one that was left
 * alone. 50 kills with CRASH=full, 8 otherwise; each in the middle of anything: loading, a step, an evaluation, a checkpoint.
 */
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  publishedRuns,
  tinyExperiment,
  tinyProject,
  type Finished,
  type Project,
} from "../end-to-end/project.ts";

const numKills = process.env["CRASH"] === "full" ? 50 : 8;

const experiment = tinyExperiment.replace(
  "numEpochs: 4, batchSize: 16,",
  "numEpochs: 40, batchSize: 4, gradientAccumulationSteps: 2, evaluationInterval: 7, exponentialMovingAverage: { decay: 0.9 },",
);

/** Trains; `onStart` is called with the process when the run has begun. */
function train(
  project: Project,
  { runs, seed }: { readonly runs: string; readonly seed: number },
  onStart: (child: ChildProcess) => void,
): Promise<Finished> {
  const args = ["experiments/tiny.ts", `seed=${seed}`, "checkpointing.interval=5"];
  let isStarted = false;
  return exp(project, [...args, "--json", "--runs-dir", runs], {
    onStderr: (text, child) => {
      if (isStarted || !text.includes("started")) return;
      isStarted = true;
      onStart(child);
    },
  });
}

function manifestOf(project: Project, finished: Finished): string {
  expect(finished.status, finished.stderr).toBe(0);
  const directory = document(finished).runs[0]?.directory ?? "";
  return readFileSync(join(project.directory, directory, "manifest.json"), "utf8");
}

/** A training that is left alone, and how long it takes from its start. */
async function whole(project: Project, seed: number) {
  let startedAt = 0;
  const finished = await train(project, { runs: "whole", seed }, () => {
    startedAt = performance.now();
  });
  return { manifest: manifestOf(project, finished), ms: performance.now() - startedAt };
}

test(`${numKills} kills of a training at random instants`, async () => {
  const project = createProject({ ...tinyProject, "experiments/tiny.ts": experiment });
  let kills = 0;
  let resumed = 0;
  for (let seed = 1; kills < numKills; seed++) {
    const { manifest, ms } = await whole(project, seed);
    let finished: Finished | undefined;
    // Kills come within six tenths of the time of a whole run: most come before the rest is done.
    for (let tries = 1; finished === undefined; tries++) {
      const afterMs = 0.6 * fraction(seed * 100 + tries) * ms;
      const isLeft = kills === numKills;
      const ended = await train(project, { runs: "cut", seed }, (child) => {
        if (!isLeft) setTimeout(() => child.kill("SIGKILL"), afterMs);
      });
      if (ended.status === null) kills++;
      else finished = ended;
      expect(tries, "a run that is killed again and again gets ahead").toBeLessThan(100);
    }
    expect(manifestOf(project, finished), `seed ${seed}`).toBe(manifest);
    if (/goes on after step/u.test(trainLog(project, finished))) resumed++;
  }
  expect(resumed).toBeGreaterThan(0);
  const runs = readdirSync(join(project.directory, "cut"));
  expect(runs.filter((name) => /^[0-9a-f]{16}$/u.test(name)).length).toBeGreaterThan(0);
  expect(publishedRuns(project)).toEqual([]); // all went where they were sent
  console.log(`${kills} kills, ${resumed} runs gone on with, 0 violations`);
}, 3_600_000);

function trainLog(project: Project, finished: Finished): string {
  const directory = document(finished).runs[0]?.directory ?? "";
  return readFileSync(join(project.directory, directory, "logs/train.log"), "utf8");
}

/** From 0 to 1, irregular, and the same in every execution. */
function fraction(index: number): number {
  return ((index * 7919 + 104_729) % 10_007) / 10_007;
}
