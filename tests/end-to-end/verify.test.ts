/** exp verify of runs that are not like most: one that was cut twice, and one of a single step. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { faultyProject, type VerdictDocument } from "../processes/faulty-project.ts";
import { document } from "./project.ts";
import { expInSameProcess } from "./same-process.ts";

const project = faultyProject(afterAll);

/** Executes the experiment until it ends or fails, and gives back the run that it published. */
async function execute(words: readonly string[], fault = ""): Promise<string | undefined> {
  const args = ["experiments/line.ts", ...words, "--json"];
  const finished = await expInSameProcess(project, args, { environment: { FAULT: fault } });
  const [run] = document(finished).runs;
  return run?.status === "finished" ? run.runKey : undefined;
}

async function verify(words: readonly string[], fault = "") {
  const args = ["verify", ...words, "--json"];
  const { status, stdout } = await expInSameProcess(project, args, {
    environment: { FAULT: fault },
  });
  return { status, verdict: JSON.parse(stdout) as VerdictDocument };
}

test("a run that was cut twice and went on is the whole run to exp verify", async () => {
  expect(await execute([], "stop-25")).toBeUndefined();
  expect(await execute([], "stop-45")).toBeUndefined();
  const run = (await execute([])) ?? "";
  const record = join(project.directory, "runs", run.slice(0, 16), "attempt.json");
  expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({
    number: 3,
    resumed: { attempt: 2, step: 40, firstDifference: null },
  });
  const good = await verify([run]);
  expect(good.verdict).toMatchObject({ verdict: "bitwise", step: null, comparedSteps: 60 });
  const late = await verify([run], "rate"); // of step 40, where it went on
  expect(late.verdict).toMatchObject({ verdict: "diverged", step: 41, field: "loss" });
  expect([good, late].map(({ status }) => status)).toEqual([0, 3]);
});

test("the only step of a run is executed again, and told where it goes another way", async () => {
  const run = (await execute(["training.numSteps=1", "training.evaluationInterval=1"])) ?? "";
  const good = await verify([run]);
  expect(good.verdict).toMatchObject({ verdict: "bitwise", step: null, comparedSteps: 1 });
  const order = await verify([run], "order");
  expect(order.verdict).toMatchObject({ step: 1, field: "batch", phase: "order" });
  const dense = await verify([run, "--dense", "--steps", "1"]);
  expect(dense.verdict).toMatchObject({ verdict: "bitwise", comparedSteps: 1 });
  expect([good, order, dense].map(({ status }) => status)).toEqual([0, 3, 0]);
});
