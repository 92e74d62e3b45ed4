/** Optimizer, schedule, an average of the weights and gradient checkpointing together, on the command line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, publishedRuns, tinyProject } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

const options = [
  "optimizer:={kind: lion, learningRate: 0.003}",
  "schedule:={kind: oneCycle}",
  "training.exponentialMovingAverage:={decay: 0.9, startStep: 5}",
];

test("an averaged model is what a run reports and what is used later; saving memory is the same run", async () => {
  const project = createProject(tinyProject);
  const train = ["experiments/tiny.ts", ...options];
  const checkpointed = await exp(project, [
    ...train,
    "training.gradientCheckpointing=true",
    "--json",
  ]);
  expect(checkpointed.status, checkpointed.stderr).toBe(0);
  const [trained] = document(checkpointed).runs;

  const [again] = document(await exp(project, [...train, "--json"])).runs;
  expect(again?.runKey).toBe(trained?.runKey);
  expect(publishedRuns(project)).toHaveLength(1);
  const afresh = document(await exp(project, [...train, "--runs-dir", "others", "--json"])).runs[0];
  const trace = (directory = ""): string =>
    readFileSync(join(project.directory, directory, "logs/trace.jsonl"), "utf8");
  expect(afresh?.directory).not.toBe(trained?.directory);
  expect(trace(afresh?.directory)).toBe(trace(trained?.directory));

  const checkpoint = `checkpoint=${trained?.runKey}`;
  const evaluated = await exp(project, [...train, "mode=evaluate", checkpoint, "--json"]);
  expect(evaluated.status, evaluated.stderr).toBe(0);
  expect(document(evaluated).runs[0]?.metrics).toEqual(trained?.metrics);

  const plain = await exp(project, [...train.slice(0, 3), "--json"]);
  expect(document(plain).runs[0]?.metrics).not.toEqual(trained?.metrics);
});
