/**
 * One of our backends with a number of threads, for `train.ts`: trains one case and reports, one line of JSON for each line
 * that it reads. `steps 5` answers with their milliseconds, `profile 5` with where the time of these steps goes, `recording
 * 100` with the share that a run's records add, `peak 1` with the machine's peak in GFLOP/s. Arguments: case, backend, threads, dropout rate, folder for what others train.
 */
import { createInterface } from "node:readline";
import { trainStep, type DoneStep } from "../../src/train/step.ts";
import { writeExchange } from "../compare/exchange.ts";
import { benchmarkCases, openCase } from "../compare/models.ts";
import { hasWideKernels, peakGigaflops } from "./machine-peak.ts";
import { profile } from "./profile.ts";
import { recordingCost } from "./recording-cost.ts";

const [, , name = "", backend = "wasm", threads = "1", dropoutRate = "0", folder = ""] =
  process.argv;
const modelCase = benchmarkCases.find((one) => one.name === name);
if (modelCase === undefined) throw new Error(`there is no case ${name}`);
const opened = await openCase(modelCase, {
  backend,
  threads: Number(threads),
  numSteps: 1_000_000,
  dropoutRate: Number(dropoutRate),
});
if (folder !== "") writeExchange(folder, opened, 64);
console.log("ready");

/** A step of `src/train` itself: batch, gradients, clipping, update, checksums of the trace. */
function step(): DoneStep {
  const pieces = trainStep(opened.setup, opened.state);
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next();
  if (piece.value.kind !== "done") throw new Error(`a step was ${piece.value.kind}`);
  return piece.value;
}

function milliseconds(): number {
  const start = performance.now();
  step();
  return performance.now() - start;
}

async function answer(what: string, count: number): Promise<unknown> {
  switch (what) {
    case "steps":
      return Array.from({ length: count }, milliseconds);
    case "profile":
      return profile(() => {
        for (let done = 0; done < count; done++) step();
      });
    case "peak":
      return peakGigaflops(hasWideKernels());
    case "recording":
      return recordingCost(opened, step, count);
    default:
      throw new Error(`there is no order ${what}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [what = "", count = ""] = line.split(" ");
  console.log(JSON.stringify(await answer(what, Number(count))));
}
