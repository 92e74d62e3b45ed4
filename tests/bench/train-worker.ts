/**
 * One backend with a number of threads, for `train.ts`: trains one case and reports. It reads how many steps to do, one
 * number a line, and answers with their milliseconds as JSON. Arguments: case, backend, threads, dropout rate.
 */
import { createInterface } from "node:readline";
import { benchmarkCases, openCase } from "../compare/models.ts";
import { writeExchange } from "../compare/exchange.ts";
import { trainStep } from "../../src/train/step.ts";

const [, , name = "", backend = "", threads = "1", dropoutRate = "0", folder = ""] = process.argv;
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

/** The steps of `src/train` themselves: batch, gradients, clipping, update, row of the trace. */
function milliseconds(): number {
  const start = performance.now();
  const pieces = trainStep(opened.setup, opened.state);
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next();
  if (piece.value.kind !== "done") throw new Error(`a step was ${piece.value.kind}`);
  return performance.now() - start;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(Array.from({ length: Number(line) }, milliseconds)));
}
