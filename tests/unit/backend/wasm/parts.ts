/** The backend's memory, heap and threads without TensorFlow.js. */
import { createHeap, type Heap } from "../../../../src/backend/wasm/heap.ts";
import { createBackendMemory, type BackendMemory } from "../../../../src/backend/wasm/memory.ts";
import { kernelModule } from "../../../../src/backend/wasm/module.ts";
import {
  createPool,
  poolBytes,
  type Pool,
  type PoolOptions,
} from "../../../../src/backend/wasm/pool.ts";

export interface Parts {
  readonly memory: BackendMemory;
  readonly heap: Heap;
  readonly pool: Pool;
  /** Threads that sleep, as they count themselves. */
  readonly numAsleep: () => number;
}

/** Where the control block counts them; see `assembly/control.ts`. */
const sleepersAt = 128;

type Settings = Pick<PoolOptions, "library" | "patience">;

function createMemoryParts(numThreads: number, settings: Settings): Parts {
  const memory = createBackendMemory({ maxBytes: 64 * 2 ** 20 });
  const heap = createHeap(memory, 2 ** 20);
  const control = heap.allocate(poolBytes(numThreads), "lasting");
  const pool = createPool({
    module: kernelModule(memory.isShared).module,
    memory,
    control,
    numThreads,
    ...settings,
  });
  const words = memory.integers(control, 64);
  return { memory, heap, pool, numAsleep: () => Atomics.load(words, sleepersAt / 4) };
}

/** Numbers of both signs, the same ones each time. */
export function floatsFrom(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898) * 3);
}

/** As `createMemoryParts`, with threads that end after each test. */
export function partsUntil(
  afterEach: (body: () => Promise<void>) => void,
): (numThreads: number, settings?: Settings) => Parts {
  const open: Parts[] = [];
  afterEach(async () => {
    for (const parts of open.splice(0)) await parts.pool.stop();
  });
  return (numThreads, settings = {}) => {
    const parts = createMemoryParts(numThreads, settings);
    open.push(parts);
    return parts;
  };
}

/** What `body` throws, as text; nothing where it does not. */
export function messageOf(body: () => void): string {
  try {
    body();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
