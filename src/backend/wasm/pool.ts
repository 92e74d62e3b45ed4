/**
 * The threads that compute, and the way of a kernel to them. How they share out a kernel is written in
 * `assembly/control.ts`; here they are started, watched and stopped.
 */
import { Worker } from "node:worker_threads";
import { ExpError, InternalError } from "../../core/errors.ts";
import type { Address, BackendMemory } from "./memory.ts";
import { threadSource } from "./thread.ts";
import { instantiate, type WasmModule } from "./web-assembly.ts";

/** What `assembly/index.ts` exports for the host. */
interface ControlExports {
  /** The functions that can be called by their index. */
  readonly table: { readonly length: number; readonly get: (index: number) => unknown };
  readonly run: (control: Address, number: number) => number;
  readonly useScratch: (address: Address) => void;
  readonly runAlone: (control: Address, number: number) => void;
}

/** Numbers that a kernel is called with. */
export interface KernelArguments {
  /** Sizes, strides, flags and addresses, at most 28. */
  readonly integers: readonly number[];
  /** At most 14. */
  readonly doubles?: readonly number[];
}

export interface Pool {
  /** Threads that compute, the caller's own among them. */
  readonly numThreads: number;
  /**
   * Runs `numPieces` pieces of a kernel and comes back when all are done.
   * @param kernel - Name of an export of the module.
   * @throws {ExpError} `training` when the kernel traps or a thread has died: the pool is of no use any more.
   */
  readonly run: (kernel: string, numPieces: number, args: KernelArguments) => void;
  /** Whether `run` failed, or a thread has died: then every later call fails too. */
  readonly isBroken: () => boolean;
  /** Ends the threads. */
  readonly stop: () => Promise<void>;
}

/** Bytes of a control block; see `assembly/control.ts`. */
const controlBytes: number = 256 + 64 * 256;
/** Bytes that each thread has for itself. */
const scratchBytes = 256;

/** Bytes that a pool needs: its control block, and then what each thread has for itself. */
export function poolBytes(numThreads: number): number {
  return controlBytes + numThreads * scratchBytes;
}

const slotBytes = 256;
const maxIntegers = 28;
const doublesAt = 128;
const stopAt = 132;
const patienceAt = 140;
const looksAt = 144;
const defaultPatience = 30_000;

/**
 * Looks of a thread without work until it sleeps, of about 1.25 ns each: 100 µs, longer than most JavaScript between two
 * kernels of a step. To wake a thread takes 20 µs at best, and kernels of a step take 5 to 400; but one that looks for long
 * keeps a core from whoever put the main thread aside. Where more threads than cores compute: 50 µs.
 */
const numLooks = { withCore: 80_000, withoutCore: 40_000 };

export interface PoolOptions {
  readonly module: WasmModule;
  readonly memory: BackendMemory;
  /** Where the control block of this pool lies: `poolBytes` zeros, at a multiple of 64. */
  readonly control: Address;
  /** From 1; 1 where threads cannot share the memory. */
  readonly numThreads: number;
  /** Milliseconds until a piece that another thread has taken counts as lost; half a minute by default. */
  readonly patience?: number;
  /** Cores that this process may use; by default one a thread. */
  readonly numCores?: number;
}

/** Starts the threads; they wait without work until `run`, and do not keep the process alive. */
export function createPool(options: PoolOptions): Pool {
  const { module, memory, control, numThreads } = options;
  const functions = instantiate(module, memory.wasm) as ControlExports; // see assembly/index.ts
  functions.useScratch(control + controlBytes);
  const write = commandWriter(options, functions);
  const { patience = defaultPatience, numCores = numThreads } = options;
  const words = memory.integers(control, controlBytes / 4);
  words[patienceAt / 4] = patience;
  words[looksAt / 4] = numThreads > numCores ? numLooks.withoutCore : numLooks.withCore;
  let broken: string | undefined;
  /** The last kernel: a thread that has ended since did so in it, or waiting for the next. */
  let last: string | undefined;
  const threads = Array.from({ length: numThreads - 1 }, (_, index) => {
    const name = `thread ${index + 2} of ${numThreads}`;
    const scratch = control + controlBytes + (index + 1) * scratchBytes;
    return startThread(options, { name, scratch }, (what) => (broken ??= what));
  });
  return {
    numThreads,
    run: (kernel, numPieces, args) => {
      if (broken !== undefined) throw failure(broken, last ?? kernel);
      if (numPieces === 0) return;
      last = kernel;
      const number = write(kernel, numPieces, args);
      broken = attempt(() => {
        if (numPieces > 1 && numThreads > 1) return functions.run(control, number);
        functions.runAlone(control, number);
        return 0;
      });
      if (broken !== undefined) throw failure(broken, kernel);
    },
    isBroken: () => broken !== undefined,
    stop: async () => {
      broken ??= "the threads were stopped";
      Atomics.store(memory.integers(control, controlBytes / 4), stopAt / 4, 1);
      await Promise.all(threads.map(async (thread) => thread.terminate()));
    },
  };
}

/** Writes a command into the slot of the next number, and gives the number. */
function commandWriter(
  { memory, control }: PoolOptions,
  { table, ...functions }: ControlExports,
): (kernel: string, numPieces: number, args: KernelArguments) => number {
  const words = memory.integers(control, controlBytes / 4);
  const reals = new Float64Array(words.buffer, control, controlBytes / 8);
  const indices = new Map<unknown, number>();
  for (let index = 0; index < table.length; index++) indices.set(table.get(index), index);
  let number = 0;
  return (kernel, numPieces, { integers, doubles = [] }) => {
    const index = indices.get((functions as Readonly<Record<string, unknown>>)[kernel]);
    if (index === undefined || integers.length > maxIntegers) {
      throw new InternalError(`there is no kernel ${kernel} with ${integers.length} arguments`);
    }
    number = (number + 1) | 0;
    const slot = (256 + (number & 63) * slotBytes) / 4;
    words[slot] = index;
    words[slot + 1] = numPieces;
    for (let i = 0; i < integers.length; i++) words[slot + 4 + i] = integers[i] ?? 0;
    const at = slot / 2 + doublesAt / 8;
    for (let i = 0; i < doubles.length; i++) reals[at + i] = doubles[i] ?? 0;
    return number;
  };
}

/** What went wrong, if anything did. */
function attempt(run: () => number): string | undefined {
  try {
    switch (run()) {
      case 0:
        return undefined;
      case 1:
        return "a thread ended in the middle of it";
      default:
        return "a thread did not finish its part in time; it has ended, or the system gives it no time";
    }
  } catch (error) {
    return String(error);
  }
}

function startThread(
  { module, memory, control }: PoolOptions,
  { name, scratch }: { readonly name: string; readonly scratch: Address },
  tellBroken: (what: string) => void,
): Worker {
  const workerData = { module, memory: memory.wasm, control, scratch };
  // No loader and no variables of the process: the thread needs nothing but the module.
  const worker = new Worker(threadSource, { eval: true, workerData, execArgv: [], env: {}, name });
  worker.unref();
  worker.on("error", (error) => tellBroken(`${name}: ${String(error)}`));
  worker.on("exit", () => tellBroken(`${name} has ended`));
  return worker;
}

function failure(what: string, kernel: string): ExpError {
  return new ExpError("training", `The kernel ${kernel} of the backend wasm failed: ${what}.`, {
    hint: "Start the command again; threads=1 computes the same bits without helping threads.",
  });
}
