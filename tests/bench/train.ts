/**
 * How fast a training step is: `pnpm bench:train [cases…] [--json] [--steps 30] [--dropout 0]`. With TORCH_PYTHON naming a
 * Python that has torch and numpy, PyTorch eager trains the same model from the same weights, in turn with ours, so that a
 * busy moment of the machine meets both. Medians after a warm-up.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchmarkCases } from "../compare/models.ts";
import { printTable, quartiles, spread, type Row } from "./table.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    steps: { type: "string", default: "30" },
    dropout: { type: "string", default: "0" },
  },
});
const roundSize = 5;

/** A process that does steps when it is asked to. */
interface Stepper {
  readonly backend: string;
  readonly threads: number;
  readonly samples: number[];
  readonly steps: (count: number) => Promise<readonly number[]>;
  readonly close: () => void;
}

async function startStepper(
  facts: { readonly backend: string; readonly threads: number },
  command: readonly string[],
): Promise<Stepper> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${facts.backend} ended before it was done`);
    return line.value;
  };
  await nextLine(); // ready
  const steps = async (count: number): Promise<readonly number[]> => {
    child.stdin.write(`${count}\n`);
    return JSON.parse(await nextLine()) as readonly number[];
  };
  return { ...facts, samples: [], steps, close: () => child.stdin.end() };
}

function ours(name: string, threads: number, folder: string): Promise<Stepper> {
  const worker = fileURLToPath(new URL("train-worker.ts", import.meta.url));
  const args = [name, "wasm", String(threads), flags.dropout, folder];
  const command = [process.execPath, "--import", "tsx", worker, ...args];
  return startStepper({ backend: "wasm", threads }, command);
}

function pytorch(python: string, threads: number, folder: string): Promise<Stepper> {
  const script = fileURLToPath(new URL("train.py", import.meta.url));
  return startStepper({ backend: "pytorch", threads }, [python, script, folder, String(threads)]);
}

interface Measured {
  readonly model: string;
  readonly backend: string;
  readonly threads: number;
  readonly samples: readonly number[];
  readonly millisecondsPerStep: number;
  readonly ratioToPyTorch: number | null;
}

async function measureCase(name: string): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-bench-"));
  const python = process.env["TORCH_PYTHON"] ?? "";
  const threadCounts = [...new Set([1, availableParallelism()])];
  const steppers: Stepper[] = [];
  try {
    for (const threads of threadCounts) {
      steppers.push(await ours(name, threads, folder));
      if (python !== "") steppers.push(await pytorch(python, threads, folder));
    }
    for (const stepper of steppers) await stepper.steps(roundSize); // compilers and caches
    for (let done = 0; done < Number(flags.steps); done += roundSize) {
      for (const stepper of steppers) stepper.samples.push(...(await stepper.steps(roundSize)));
    }
  } finally {
    for (const stepper of steppers) stepper.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const median = (stepper: Stepper): number => quartiles(stepper.samples)[1];
  return steppers.map((stepper) => {
    const { backend, threads, samples } = stepper;
    const other = steppers.find((one) => one.backend === "pytorch" && one.threads === threads);
    const ratioToPyTorch = other === undefined ? null : median(stepper) / median(other);
    const millisecondsPerStep = median(stepper);
    return { model: name, backend, threads, samples, millisecondsPerStep, ratioToPyTorch };
  });
}

/** What the design promises on two cores. */
function targetOf({ model, backend, threads }: Measured): number | undefined {
  if (backend === "pytorch" || threads < 2) return undefined;
  return model === "bert-large" ? 1.7 : 1.5;
}

function tableRow(measured: Measured): Row {
  const { backend, threads, samples, ratioToPyTorch } = measured;
  const target = targetOf(measured);
  const isKnown = ratioToPyTorch !== null && target !== undefined;
  const ratio = ratioToPyTorch === null ? "" : `, ${ratioToPyTorch.toFixed(2)}× PyTorch`;
  return {
    what: `${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    measured: `${spread(samples, 1, "ms")}${ratio}`,
    target: target === undefined ? "" : `≤ ${target}× PyTorch`,
    holds: isKnown ? ratioToPyTorch <= target : undefined,
  };
}

async function main(): Promise<void> {
  const names = positionals.length > 0 ? positionals : benchmarkCases.map(({ name }) => name);
  const all: Measured[] = [];
  let status = 0;
  for (const name of names) {
    const measured = await measureCase(name);
    all.push(...measured);
    if (!flags.json)
      status = Math.max(status, printTable(`A training step: ${name}`, measured.map(tableRow)));
  }
  if (!flags.json) {
    if ((process.env["TORCH_PYTHON"] ?? "") === "")
      console.log("\nPyTorch: TORCH_PYTHON is not set");
    process.exitCode = status;
    return;
  }
  const rows = all.map(({ model, backend, threads, millisecondsPerStep, ratioToPyTorch }) => {
    return { model, backend, threads, millisecondsPerStep, ratioToPyTorch };
  });
  console.log(JSON.stringify({ rows }));
}

await main();
