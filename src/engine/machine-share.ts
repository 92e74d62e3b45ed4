/** What one of several workers may take of the machine, so that together they take no more than all of it. */
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

export interface MachineShare {
  /** Flags for Node.js. */
  readonly nodeFlags: readonly string[];
  /** Variables to set. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Machine {
  /** That this process may use. */
  readonly numCores: number;
  readonly memoryBytes: number;
  /** How far the heap of a process grows by itself. */
  readonly heapBytes: number;
}

/** Of the memory, this share is for heaps; tensors of WebAssembly, the system and this process live in the rest. */
const heapShare = 0.75;

const minHeapMiB = 256;
const mebibyte = 2 ** 20;

/**
 * This machine, or the part of it that a container leaves to us.
 * @param numCores - That this process may use.
 */
export function thisMachine(numCores: number): Machine {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  const isLimited = constrained !== undefined && constrained > 0 && constrained < total;
  return {
    numCores,
    memoryBytes: isLimited ? constrained : total,
    heapBytes: getHeapStatistics().heap_size_limit,
  };
}

/**
 * The share of each of `numWorkers` equal workers: the heap's limit as a flag, the number of threads in
 * `LOCKSTEP_THREADS`. What the user set, for every process, stays as it is.
 * @param given.nodeFlags - Flags of this process, which go on to the workers.
 */
export function shareMachine(
  numWorkers: number,
  machine: Machine,
  given: {
    readonly nodeFlags: readonly string[];
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): MachineShare {
  const { nodeFlags, environment } = given;
  const share = Math.floor((heapShare * machine.memoryBytes) / numWorkers);
  const heapMiB = Math.max(minHeapMiB, Math.floor(Math.min(share, machine.heapBytes) / mebibyte));
  const isHeapSet = [...nodeFlags, environment["NODE_OPTIONS"] ?? ""].some((text) =>
    /--max[-_]old[-_]space[-_]size/u.test(text),
  );
  const threads = Math.max(1, Math.floor(machine.numCores / numWorkers));
  const set = environment["LOCKSTEP_THREADS"] ?? "";
  return {
    nodeFlags: isHeapSet ? nodeFlags : [...nodeFlags, `--max-old-space-size=${heapMiB}`],
    environment: { LOCKSTEP_THREADS: set === "" ? String(threads) : set },
  };
}
