/** Processes that train one case, each in its way, and do steps when they are asked to. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process; every order is answered by one line of JSON. */
export interface Stepper {
  readonly backend: "wasm" | "pytorch" | "tfjs-wasm";
  readonly threads: number;
  /** Milliseconds of the steps that counted. */
  readonly samples: number[];
  /** The milliseconds of so many further steps. */
  readonly steps: (count: number) => Promise<readonly number[]>;
  readonly ask: (order: string) => Promise<unknown>;
  readonly close: () => void;
}

type Facts = Pick<Stepper, "backend" | "threads">;

/** @param orderOf - How the process wants to be asked for steps. */
async function startStepper(
  facts: Facts,
  [program = "", ...args]: readonly string[],
  orderOf: (count: number) => string = String,
): Promise<Stepper> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
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
export function startOurs(
  { name, dropoutRate, folder }: CaseSettings,
  threads: number,
): Promise<Stepper> {
  const args = [besideThis("train-worker.ts"), name, String(threads), dropoutRate, folder];
  const command = [process.execPath, "--import", "tsx", ...args];
  return startStepper({ backend: "wasm", threads }, command, (count) => `steps ${count}`);
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
