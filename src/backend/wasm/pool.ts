/**
 * The threads that compute. How they share out a kernel is written in `assembly/control.ts`, how one gets to them in
 * `command-queue.ts`; here they are started, watched and stopped.
 */
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from "node:worker_threads";
import {
  CommandQueue,
  controlBytes,
  type ControlExports,
  type KernelArguments,
} from "./command-queue.ts";
import type { Address, BackendMemory } from "./memory.ts";
import { threadSource } from "./thread.ts";
import { pieceFunction, type ThreadLibrary } from "./thread-library.ts";
import { instantiate, type WasmModule } from "./web-assembly.ts";

export interface Pool {
  /** Threads that compute, the caller's own among them. */
  readonly numThreads: number;
  /** Whether they know a library, which the kernels `libraryProduct` and `libraryMatrices` call. */
  readonly hasLibrary: boolean;
  /**
   * Runs `numPieces` pieces of a kernel and comes back when all are done, or inside `ahead` perhaps before.
   * @param kernel - Name of an export of the module.
   * @throws {ExpError} `training` when this kernel or one before it traps, or a thread has died: the pool is of no use any
   *   more.
   */
  readonly run: (kernel: string, numPieces: number, args: KernelArguments) => void;
  /**
   * Does `work`, whose kernels are done in their order while it goes on: where several threads compute, the others need not
   * wait for its JavaScript. Whoever looks at the memory in it calls `finish` first. All are done when it comes back.
   * @throws {ExpError} As `run`; and what `work` throws.
   */
  readonly ahead: <Result>(work: () => Result) => Result;
  /** Comes back when all kernels are done that were run so far. @throws {ExpError} As `run`. */
  readonly finish: () => void;
  /** Whether `run` failed, or a thread has died: then every later call fails too. */
  readonly isBroken: () => boolean;
  /** Ends the threads. */
  readonly stop: () => Promise<void>;
}

/** Bytes that each thread has for itself: a tile of 5 × 16 elements. */
const scratchBytes = 320;

/** Bytes that a pool needs: its control block, and then what each thread has for itself. */
export function poolBytes(numThreads: number): number {
  return controlBytes + numThreads * scratchBytes;
}

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
  /** What computes pieces of `libraryProduct`, in every thread its own instance; without it that kernel is an error. */
  readonly library?: ThreadLibrary | undefined;
}

/** Starts the threads; they wait without work until `run`, and do not keep the process alive. */
export function createPool(options: PoolOptions): Pool {
  const { module, memory, control, numThreads, library } = options;
  const multiplyPiece = library && pieceFunction(library, memory.wasm);
  const functions = instantiate(module, memory.wasm, multiplyPiece) as ControlExports; // see assembly/index.ts
  functions.useScratch(control + controlBytes);
  const { patience = defaultPatience, numCores = numThreads } = options;
  const words = memory.integers(control, controlBytes / 4);
  words[patienceAt / 4] = patience;
  words[looksAt / 4] = numThreads > numCores ? numLooks.withoutCore : numLooks.withCore;
  const queue = new CommandQueue({ ...options, lastWords: () => lastWords(threads) }, functions);
  const threads: readonly Thread[] = Array.from({ length: numThreads - 1 }, (_, index) => {
    const name = `thread ${index + 2} of ${numThreads}`;
    const scratch = control + controlBytes + (index + 1) * scratchBytes;
    return startThread(options, { name, scratch }, (what) => (queue.broken ??= what));
  });
  return {
    numThreads,
    hasLibrary: library !== undefined,
    run: (kernel, numPieces, args) => queue.run(kernel, numPieces, args),
    ahead: (work) => queue.ahead(work),
    finish: () => queue.finish(),
    isBroken: () => queue.broken !== undefined,
    stop: async () => {
      queue.broken ??= "the threads were stopped";
      Atomics.store(words, stopAt / 4, 1);
      await Promise.all(threads.map(async ({ worker }) => worker.terminate()));
    },
  };
}

interface Thread {
  readonly name: string;
  readonly worker: Worker;
  /** Says why the thread ended, also to a main thread that never comes back to its events. */
  readonly port: MessagePort;
}

function startThread(
  { module, memory, control, library }: PoolOptions,
  { name, scratch }: { readonly name: string; readonly scratch: Address },
  tellBroken: (what: string) => void,
): Thread {
  const { port1: port, port2 } = new MessageChannel();
  const workerData = { module, memory: memory.wasm, control, scratch, port: port2, library };
  // No loader and no variables of the process: the thread needs nothing but the module, and a library that reads its own.
  const options = { eval: true, workerData, transferList: [port2], execArgv: [], env: {}, name };
  const worker = new Worker(threadSource, options);
  worker.unref();
  worker.on("error", (error) => tellBroken(`${name}: ${String(error)}`));
  worker.on("exit", () => tellBroken(`${name} has ended`));
  return { name, worker, port };
}

/** What the first thread said that ended in an error. */
function lastWords(threads: readonly Thread[]): string | undefined {
  for (const { name, port } of threads) {
    const said = receiveMessageOnPort(port);
    if (said !== undefined) return `${name}: ${String(said.message)}`;
  }
  return undefined;
}
