/** The built-in training, stopped and killed as a user and a machine do it, comes to the bytes of one that was left alone. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  tinyExperiment,
  tinyProject,
  type Finished,
  type Project,
} from "../end-to-end/project.ts";

/**
 * A hook that sends its own process a signal when so many events have come; hooks are outside of every identity. "late": the
 * event before takes longer than rows of the trace wait for each other, so that they are on the disk by then.
 */
const hook = `
let numEvents = 0;
export const onEvent = () => {
  const [signal, at, when] = (process.env["CUT"] ?? " 0").split(" ");
  if (when === "late" && numEvents + 2 === Number(at)) {
    const start = performance.now();
    while (performance.now() - start < 150);
  }
  if (++numEvents === Number(at)) process.kill(process.pid, signal);
};
`;

const experiment = tinyExperiment
  .replace(
    "export default defineConfig({",
    `${hook}\nexport default defineConfig({\n  checkpointing: { interval: 3 },`,
  )
  .replace(
    "numEpochs: 4, batchSize: 16,",
    "numEpochs: 4, batchSize: 8, gradientAccumulationSteps: 2, exponentialMovingAverage: { decay: 0.9 },",
  );

function trainingProject(fields = ""): Project {
  const text = experiment.replace("checkpointing:", `${fields} checkpointing:`);
  return createProject({ ...tinyProject, "experiments/tiny.ts": text });
}

function run(project: Project, runs: string, cut = ""): Promise<Finished> {
  const args = ["experiments/tiny.ts", "--json", "--runs-dir", runs];
  return exp(project, args, { environment: cut === "" ? {} : { CUT: cut } });
}

/** The folder of the one run in `document`. */
function published(project: Project, finished: Finished): string {
  expect(finished.status, finished.stderr).toBe(0);
  return join(project.directory, document(finished).runs[0]?.directory ?? "");
}

const manifestOf = (directory: string): string =>
  readFileSync(join(directory, "manifest.json"), "utf8");

function attemptFolder(project: Project, runs: string, attempt: number): string {
  const attempts = join(project.directory, runs, ".attempts");
  const [name = ""] = readdirSync(attempts);
  return join(attempts, name, String(attempt));
}

test("stopped, killed and damaged one after the other, a training comes to the manifest of an uninterrupted one", async () => {
  const project = trainingProject();
  const whole = published(project, await run(project, "whole"));
  const cuts = ["SIGKILL 20", "SIGINT 14", "SIGTERM 9", "SIGKILL 14", "SIGKILL 2"];
  const statuses: (number | null)[] = [];
  for (const cut of cuts) statuses.push((await run(project, "cut", cut)).status);
  expect(statuses).toEqual([null, 75, 75, null, null]);
  const checkpoints = join(attemptFolder(project, "cut", 4), "checkpoints");
  const newest = readdirSync(checkpoints).toSorted().at(-1) ?? "none"; // `last` may have waited when the run was killed
  truncateSync(join(checkpoints, newest), 2000);
  const finished = await run(project, "cut");
  const directory = published(project, finished);
  expect(manifestOf(directory)).toBe(manifestOf(whole));
  expect(finished.stderr).toContain("left out a damaged checkpoint: ");
  expect(finished.stderr).toContain(`/4/checkpoints/${newest}: `);
  const { resumed } = JSON.parse(readFileSync(join(directory, "attempt.json"), "utf8"));
  expect(resumed).toMatchObject({
    isIntact: true,
    firstDifference: null,
    attempt: expect.any(Number),
  });
  const log = readFileSync(join(directory, "logs/train.log"), "utf8");
  expect(log).toMatch(
    new RegExp(`goes on after step ${resumed.step}, from a checkpoint of attempt`),
  );
  // Put together from the rows of six processes, it is executed again from its first step, as one.
  const again = await exp(project, ["verify", basename(directory), "--json", "--runs-dir", "cut"]);
  expect(again.status, again.stderr).toBe(0);
  const { step } = JSON.parse(readFileSync(join(directory, "results/metrics.json"), "utf8"));
  expect(JSON.parse(again.stdout)).toMatchObject({
    verdict: "bitwise",
    fromStep: 0,
    comparedSteps: step,
  });
}, 240_000);

test("rows that do not come out again are a warning and stand in the record", async () => {
  const project = trainingProject("logging: { interval: 1 },");
  await run(project, "cut", "SIGKILL 24 late");
  const trace = join(attemptFolder(project, "cut", 1), "logs/trace.jsonl");
  const text = readFileSync(trace, "utf8");
  writeFileSync(trace, text.replace(/"loss":"3f(?=[^\n]*\n$)/, '"loss":"40'));
  const finished = await run(project, "cut");
  const directory = published(project, finished);
  expect(finished.stderr).toMatch(
    /does not come out again \(logs\/trace\.jsonl, step \d+: loss\): either its rows were changed since, or/,
  );
  const { resumed } = JSON.parse(readFileSync(join(directory, "attempt.json"), "utf8"));
  expect(resumed.firstDifference).toMatch(/^logs\/trace\.jsonl, step \d+: loss$/);
}, 240_000);
