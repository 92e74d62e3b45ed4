/**
 * How fast a training step is: `pnpm bench:train [cases…] [--json] [--profile] [--steps 30] [--dropout 0]`. With
 * TORCH_PYTHON naming a Python that has torch and numpy, PyTorch eager trains the same model from the same weights, in turn
 * with ours, so that a busy moment of the machine meets both; so does stock TensorFlow.js where it takes seconds, not
 * minutes. Medians, without the first 0.3 s of each turn, after a warm-up of two seconds each, since V8 compiles a short
 * step's JavaScript and kernels anew until its 150th or so. `--profile` adds where the time of a step goes.
 * pnpm runs it under the Node.js that the repository pins, where that is installed. `node --import tsx tests/bench/train.ts`
 * runs it under the one on the PATH, and where that is too old for wide vectors (docs/backends.md), rows under the pinned one
 * are added; `--own-node` leaves them out.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mayBeWide, ownChoice } from "../../src/backend/wasm/wide-vectors.ts";
import { findInstallation } from "../../src/backend/native/installation.ts";
import { benchmarkCases } from "../compare/models.ts";
import { defaultThreads } from "./default-threads.ts";
import { pinnedRelease, runtimeOf, type Runtime } from "../node-release.ts";
import type { Profile } from "./profile.ts";
import {
  startNative,
  startOurs,
  startPyTorch,
  startStock,
  startUnder,
  type Stepper,
} from "./steppers.ts";
import { printTable, quartiles, spread, type Row } from "./table.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    steps: { type: "string", default: "30" },
    dropout: { type: "string", default: "0" },
    "own-node": { type: "boolean", default: false },
  },
});
const warmUpMilliseconds = 2_000;
/** At the beginning of each turn: training has no pauses, and for some steps after one of seconds everybody is slower. */
const resumeMilliseconds = 300;
/** The one whose step takes half a second: single steps in turn, and its records are not timed, which takes 200 steps. */
const heavyCase = "bert-large";
/** Of a run whose records are timed: that of a small model has the ten epochs of `experiments/mnist-mlp.ts`. */
const recordedMilliseconds = 4_000;
const [leastRecorded, mostRecorded] = [220, 2_200];
/** The one that stock TensorFlow.js trains in about a second a step. */
const stockCase = "bert-small";

/** Shares of a step that trace, log and checkpoints add. */
interface Recording {
  readonly share: number;
  /** In the first run of its process, where nothing of the recording has been compiled yet and the steps have. */
  readonly first: number;
}

interface Measured {
  readonly model: string;
  readonly backend: Stepper["backend"];
  readonly threads: number;
  readonly release: string | undefined;
  readonly samples: readonly number[];
  readonly millisecondsPerStep: number;
  readonly ratioToPyTorch: number | null;
  readonly ratioToStock: number | null;
  /** Of our own backends. */
  readonly profile: Profile | undefined;
  readonly recording: Recording | undefined;
  /** Of one thread of its process, in GFLOP/s. */
  readonly peak: number | undefined;
}

/** Rows of the backend native, where it is installed. */
const native = findInstallation("native", process.env);

async function startAll(
  name: string,
  folder: string,
  other: Runtime | undefined,
): Promise<readonly Stepper[]> {
  const python = process.env["TORCH_PYTHON"] ?? "";
  const steppers: Stepper[] = [];
  for (const threads of new Set([1, availableParallelism()])) {
    const settings = { name, dropoutRate: flags.dropout, folder };
    steppers.push(await startOurs(settings, threads));
    if (other !== undefined) steppers.push(await startUnder(other, settings, threads));
    if (native !== undefined) steppers.push(await startNative(settings, threads, native));
    if (python !== "") steppers.push(await startPyTorch(python, folder, threads));
  }
  if (name === stockCase && Number(flags.dropout) === 0) steppers.push(await startStock(folder));
  return steppers;
}

/** Steps of a turn that count. */
function turnSizeOf(model: string): number {
  return model === heavyCase ? 1 : 10;
}

/** In turn; of stock TensorFlow.js one step a turn, since it takes as long as all others together. */
async function takeSamples(name: string, steppers: readonly Stepper[]): Promise<void> {
  const turnSize = turnSizeOf(name);
  for (const stepper of steppers) {
    await untimed(stepper, stepper.backend === "tfjs-wasm" ? 0 : warmUpMilliseconds);
  }
  for (let done = 0; done < Number(flags.steps); done += turnSize) {
    for (const stepper of steppers) {
      const isStock = stepper.backend === "tfjs-wasm";
      if (!isStock) await untimed(stepper, resumeMilliseconds);
      stepper.samples.push(...(await stepper.steps(isStock ? 1 : turnSize)));
    }
  }
}

/** Steps that do not count, one at least: compilers, caches, threads that sleep. */
async function untimed(stepper: Stepper, atLeast: number): Promise<void> {
  for (let spent = 0; spent <= atLeast;) {
    for (const milliseconds of await stepper.steps(1)) spent += milliseconds;
  }
}

async function measureCase(name: string, other: Runtime | undefined): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-bench-"));
  let steppers: readonly Stepper[] = [];
  try {
    steppers = await startAll(name, folder, other);
    await takeSamples(name, steppers);
    const measured: Measured[] = [];
    for (const stepper of steppers) measured.push(await measuredOf(name, stepper, steppers));
    return measured;
  } finally {
    for (const stepper of steppers) stepper.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measuredOf(
  model: string,
  stepper: Stepper,
  steppers: readonly Stepper[],
): Promise<Measured> {
  const { backend, threads, release, samples } = stepper;
  const millisecondsPerStep = medianOf(stepper);
  const ratioTo = (other: Stepper | undefined): number | null =>
    other === undefined ? null : millisecondsPerStep / medianOf(other);
  const isOurs = backend === "wasm" || backend === "native";
  // A run on native that says no number is compared with all threads of PyTorch.
  const isDefault = backend === "native" && threads === defaultThreads(model);
  const compared = isDefault ? availableParallelism() : threads;
  const isRecorded = isOurs && !flags.json && model !== heavyCase;
  const turnSize = turnSizeOf(model);
  return {
    model,
    backend,
    threads,
    release,
    samples,
    millisecondsPerStep,
    ratioToPyTorch: ratioTo(
      steppers.find((one) => one.backend === "pytorch" && one.threads === compared),
    ),
    ratioToStock: ratioTo(steppers.find((one) => one.backend === "tfjs-wasm")),
    profile: isOurs ? ((await stepper.ask(`profile ${turnSize}`)) as Profile) : undefined,
    recording: isRecorded ? await recordingOf(stepper) : undefined,
    peak: isOurs && !flags.json ? Number(await stepper.ask("peak 1")) : undefined,
  };
}

/** The median of three runs after the first, as steps are timed after a warm-up; of long steps the first alone. */
async function recordingOf(stepper: Stepper): Promise<Recording> {
  const numSteps = Math.round(recordedMilliseconds / medianOf(stepper));
  const within = Math.min(mostRecorded, Math.max(leastRecorded, numSteps));
  const shares: number[] = [];
  const numRuns = within > leastRecorded ? 4 : 1;
  for (let run = 0; run < numRuns; run++) {
    shares.push(Number(await stepper.ask(`recording ${within}`)));
  }
  const [first = NaN, ...later] = shares;
  return { share: later.length > 0 ? quartiles(later)[1] : first, first };
}

function medianOf({ samples }: Stepper): number {
  return quartiles(samples)[1];
}

/** What the design promises on two cores; of `native` for the threads that it takes by itself. */
function targetOf({ model, backend, threads }: Measured): number | undefined {
  if (backend === "native" && threads === defaultThreads(model))
    return model === "mlp" || model === "cnn" ? undefined : 1.2;
  if (backend !== "wasm" || threads !== 2) return undefined;
  return model === "bert-large" ? 1.7 : 1.5;
}

function tableRows(measured: Measured): readonly Row[] {
  const { backend, threads, release, samples, ratioToPyTorch, recording } = measured;
  const target = targetOf(measured);
  const isKnown = ratioToPyTorch !== null && target !== undefined;
  const under = release === undefined ? "" : `, Node.js ${release}`;
  const what = `${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}${under}`;
  const step = {
    what,
    measured: [spread(samples, 1, "ms"), ...shares(measured)].join(", "),
    target: target === undefined ? "" : `≤ ${target}× PyTorch`,
    holds: isKnown ? ratioToPyTorch <= target : undefined,
  };
  if (recording === undefined) return [step];
  return [
    step,
    {
      what: `${what}: trace, log, checkpoints`,
      measured: `${percent(recording.share)} of a step, ${percent(recording.first)} in a process's first run`,
      target: "≤ 3 %",
      holds: recording.share <= 0.03,
    },
  ];
}

function shares(measured: Measured): readonly string[] {
  const { model, ratioToPyTorch, ratioToStock, threads, profile, peak } = measured;
  const texts: string[] = [];
  const isDefault = measured.backend === "native" && threads === defaultThreads(model);
  const who = isDefault ? "PyTorch with all threads" : "PyTorch";
  if (ratioToPyTorch !== null) texts.push(`${ratioToPyTorch.toFixed(2)}× ${who}`);
  if (ratioToStock !== null && measured.backend !== "tfjs-wasm")
    texts.push(`${ratioToStock.toPrecision(2)}× stock TensorFlow.js`);
  if (profile?.flops === undefined || peak === undefined) return texts;
  const gigaflops = profile.flops / turnSizeOf(model) / measured.millisecondsPerStep / 1e6;
  const share = percent(gigaflops / (peak * threads));
  return [...texts, `${share} of the peak (${peak.toFixed(0)} GFLOP/s a thread)`];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function profileRows({ model, backend, profile, threads }: Measured): readonly Row[] {
  if (profile === undefined) return [];
  const { milliseconds, kernels } = profile;
  const turnSize = turnSizeOf(model);
  const inKernels = kernels.reduce((total, kernel) => total + kernel.milliseconds, 0);
  const rest = { kernel: "JavaScript", milliseconds: milliseconds - inKernels, numCalls: 0 };
  return [...kernels, rest].map(({ kernel, milliseconds: spent, numCalls }) => {
    const calls = numCalls === 0 ? "" : `, ${numCalls / turnSize} calls`;
    const measured = `${(spent / turnSize).toFixed(2)} ms, ${percent(spent / milliseconds)}${calls}`;
    return { what: `${backend} ${threads}: ${kernel}`, measured, target: "", holds: undefined };
  });
}

function printCase(name: string, measured: readonly Measured[]): number {
  const rows = measured.flatMap(tableRows);
  const status = printTable(`A training step: ${name}`, rows);
  if (flags.profile) {
    const title = `\nWhere the time of a step goes, by threads and kernel: ${name}`;
    printTable(title, measured.flatMap(profileRows));
  }
  return status;
}

/** The other Node.js, or why there is none; nothing where none is wanted. */
function otherRuntime(folder: string): Runtime | string | undefined {
  if (flags["own-node"] || mayBeWide(ownChoice())) return undefined;
  return runtimeOf(pinnedRelease, folder);
}

async function main(): Promise<void> {
  const known = benchmarkCases.map(({ name }) => name);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no case ${unknown.join(", ")}; expected ${known.join(", ")}.\n`);
    process.exitCode = 2;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "lockstep-node-"));
  try {
    await measureAll(otherRuntime(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAll(found: Runtime | string | undefined): Promise<void> {
  const other = typeof found === "string" ? undefined : found;
  const names = positionals.length > 0 ? positionals : benchmarkCases.map(({ name }) => name);
  const all: Measured[] = [];
  let status = 0;
  for (const name of names) {
    const measured = await measureCase(name, other);
    all.push(...measured);
    if (!flags.json) status = Math.max(status, printCase(name, measured));
  }
  if (flags.json) {
    const rows = all.map(({ model, backend, threads, release, ...figures }) => {
      const { millisecondsPerStep, ratioToPyTorch } = figures;
      const node = backend === "pytorch" ? undefined : (release ?? process.versions.node);
      return { model, backend, threads, node, millisecondsPerStep, ratioToPyTorch };
    });
    console.log(JSON.stringify({ rows }));
    return;
  }
  console.log("\nThe peak: of one thread in registers, in vectors as wide as the kernels'");
  if (typeof found === "string") console.log(`Node.js ${pinnedRelease}: ${found}`);
  if (native === undefined) console.log("native: it is not installed");
  if ((process.env["TORCH_PYTHON"] ?? "") === "") console.log("PyTorch: TORCH_PYTHON is not set");
  process.exitCode = status;
}

await main();
