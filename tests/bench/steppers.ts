/** Processes that train one case, each in its way, and do steps when they are asked to. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { nativeVariables } from "../../src/backend/native/environment.ts";
import type { Runtime } from "../node-release.ts";
import { isPooledCase } from "./default-threads.ts";
import type { Installation } from "../../src/backend/native/installation.ts";

/** A process; every order is answered by one line of JSON. */
export interface Stepper {
  readonly backend: "wasm" | "native" | "pytorch" | "tfjs-wasm";
  readonly threads: number;
  /** The release of Node.js, where it is not this process's. */
  readonly release?: string;
  /** Milliseconds of the steps that counted. */
  readonly samples: number[];
  /** The milliseconds of so many further steps. */
  readonly steps: (count: number) => Promise<readonly number[]>;
  readonly ask: (order: string) => Promise<unknown>;
  readonly close: () => void;
}

type Facts = Pick<Stepper, "backend" | "threads" | "release">;

interface StepperOptions {
  /** How the process wants to be asked for steps. */
  readonly orderOf?: (count: number) => string;
  /** Of its environment, beside those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
}

async function startStepper(
  facts: Facts,
  [program = "", ...args]: readonly string[],
  { orderOf = String, variables = {} }: StepperOptions = {},
): Promise<Stepper> {
  const env = { ...process.env, ...variables };
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${facts.backend} ended before it was done`);
    return line.value;
  };
  await nextLine(); // ready
  const ask = async (order: string): Promise<unknown> => {
    child.stdin.write(`${order}\n`);
    return JSON.parse(await nextLine());
  };
  const steps = async (count: number): Promise<readonly number[]> =>
    (await ask(orderOf(count))) as readonly number[];
  return { ...facts, samples: [], steps, ask, close: () => child.stdin.end() };
}

function besideThis(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** What a case is trained with. */
export interface CaseSettings {
  readonly name: string;
  readonly dropoutRate: string;
  /** Gets what the other processes need; see `exchange.ts`. */
  readonly folder: string;
}

/** The backend `wasm`; it also knows the orders of `train-worker.ts`. */
export function startOurs(settings: CaseSettings, threads: number): Promise<Stepper> {
  return startWorker({ backend: "wasm", threads }, settings);
}

/** The backend `wasm` under another Node.js, which `startOurs` has left what it needs for. */
export function startUnder(
  runtime: Runtime,
  settings: CaseSettings,
  threads: number,
): Promise<Stepper> {
  const facts = { backend: "wasm", threads, release: runtime.version } as const;
  return startWorker(facts, { ...settings, folder: "" }, runtime);
}

/** The backend `native`, in a process like that of a run; as `startOurs`. */
export function startNative(
  settings: CaseSettings,
  threads: number,
  installation: Installation,
): Promise<Stepper> {
  const variables = {
    ...nativeVariables(
      { installation, threads, isPooled: isPooledCase(settings.name) },
      process.env,
    ),
    LOCKSTEP_WASM_THREADS: String(availableParallelism()), // as a run has it that says no number
  };
  return startWorker({ backend: "native", threads }, { ...settings, folder: "" }, { variables });
}

interface WorkerProcess {
  readonly variables?: Readonly<Record<string, string>>;
  readonly executable?: string;
}

function startWorker(
  facts: Facts,
  { name, dropoutRate, folder }: CaseSettings,
  { variables = {}, executable = process.execPath }: WorkerProcess = {},
): Promise<Stepper> {
  const args = [name, facts.backend, String(facts.threads), dropoutRate, folder];
  const command = [executable, "--import", "tsx", besideThis("train-worker.ts"), ...args];
  return startStepper(facts, command, { orderOf: (count) => `steps ${count}`, variables });
}

/** PyTorch eager, on what `startOurs` left in the folder. */
export function startPyTorch(python: string, folder: string, threads: number): Promise<Stepper> {
  const command = [python, besideThis("train.py"), folder, String(threads)];
  return startStepper({ backend: "pytorch", threads }, command);
}

/** Stock TensorFlow.js, BERT only, on what `startOurs` left in the folder. */
export function startStock(folder: string): Promise<Stepper> {
  const command = [process.execPath, "--import", "tsx", besideThis("stock-worker.ts"), folder];
  return startStepper({ backend: "tfjs-wasm", threads: 1 }, command);
}
