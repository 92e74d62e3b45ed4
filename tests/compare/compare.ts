/**
 * Every model against PyTorch: `make compare TORCH_PYTHON=…`, a Python that has torch and numpy. Same first weights, same
 * batches, no dropout, AdamW. The loss and the gradients of the first step agree to 1e-4 of the largest value, and so do the
 * losses of 200 steps, to 1e-3: rounding grows from step to step. Exit status 1 where one of them does not.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { wholeBatch } from "../../src/train/batches.ts";
import { batchExamples } from "../../src/train/data-order.ts";
import { wholeBatchGradients } from "../../src/train/gradients.ts";
import { trainStep } from "../../src/train/step.ts";
import { printTable, type Row } from "../bench/table.ts";
import { writeExchange } from "./exchange.ts";
import { comparedCases, openCase, type ModelCase, type OpenedCase } from "./models.ts";

const numSteps = 200;
const tolerance = 1e-4;
const curveTolerance = 1e-3;

/** The gradients of the first step, one after the other. */
function firstGradients({ setup, state }: OpenedCase): { loss: number; values: Float32Array[] } {
  const examples = batchExamples(setup.streams, setup.plan, wholeBatch(setup.plan, 1));
  const pass = wholeBatchGradients(setup, state.parameters, { step: 1, examples }).next();
  if (pass.done !== true) throw new Error("the first step has several batches");
  const { loss, gradients } = pass.value;
  return { loss, values: Array.from(gradients.values(), ({ values }) => values as Float32Array) };
}

function lossCurve({ setup, state }: OpenedCase): readonly number[] {
  return Array.from({ length: numSteps }, () => {
    const pieces = trainStep(setup, state);
    for (;;) {
      const piece = pieces.next();
      if (piece.done !== true) continue;
      if (piece.value.kind !== "done") throw new Error(`a step was ${piece.value.kind}`);
      return piece.value.facts.loss;
    }
  });
}

function pytorch(python: string, folder: string): { losses: readonly number[]; version: string } {
  const script = fileURLToPath(new URL("compare.py", import.meta.url));
  const { status, stderr, error } = spawnSync(python, [script, folder], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1" }, // small models: threads would only wait for each other
  });
  if (status !== 0) throw new Error(`${python} failed: ${error?.message ?? stderr}`);
  return JSON.parse(readFileSync(join(folder, "losses.json"), "utf8")) as ReturnType<
    typeof pytorch
  >;
}

/** The largest difference of any tensor, as a share of that tensor's largest value. */
function worstGradient(ours: readonly Float32Array[], theirs: Float32Array): number {
  let start = 0;
  let worst = 0;
  const largestOfAll = theirs.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (const values of ours) {
    const other = theirs.subarray(start, (start += values.length));
    const largest = other.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // Where a gradient is zero by its nature (a bias before a norm, or of keys), only rounding is left of it.
    const scale = Math.max(largest, 1e-3 * largestOfAll);
    values.forEach((value, index) => {
      worst = Math.max(worst, Math.abs(value - (other[index] ?? NaN)) / scale);
    });
  }
  return start === theirs.length ? worst : NaN;
}

function row(what: string, measured: number, limit: number): Row {
  const target = `≤ ${limit.toExponential(0)}`;
  return { what, measured: measured.toExponential(1), target, holds: measured <= limit };
}

async function compareCase(modelCase: ModelCase, python: string): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-compare-"));
  try {
    const opened = await openCase(modelCase, { backend: "wasm", numSteps });
    writeExchange(folder, opened, numSteps);
    const { losses } = pytorch(python, folder);
    const bytes = readFileSync(join(folder, "gradients.bin"));
    const gradients = new Float32Array(new Uint8Array(bytes).buffer);
    const { loss, values } = firstGradients(opened);
    const [first = NaN, last = NaN] = [losses[0], losses.at(-1)];
    const apart = lossCurve(opened).map((ours, step) => Math.abs(ours - (losses[step] ?? NaN)));
    const { name } = modelCase;
    const curve = `${name}: ${numSteps} losses, ${first.toFixed(2)} to ${last.toExponential(1)}`;
    return [
      row(`${name}: first loss`, Math.abs(loss / first - 1), tolerance),
      row(`${name}: gradients`, worstGradient(values, gradients), tolerance),
      row(curve, Math.max(...apart) / first, curveTolerance),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const python = process.env["TORCH_PYTHON"] ?? "";
  if (python === "") {
    console.log("Skipped: TORCH_PYTHON names no Python. make compare TORCH_PYTHON=/path/to/python");
    return;
  }
  const rows: Row[] = [];
  for (const modelCase of comparedCases) {
    const compared = await compareCase(modelCase, python);
    for (const { what, measured } of compared) process.stderr.write(`${what}: ${measured}\n`);
    rows.push(...compared);
  }
  process.exitCode = printTable("Models against PyTorch: differences as shares", rows);
}

await main();
