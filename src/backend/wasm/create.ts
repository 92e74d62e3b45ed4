/** Puts the parts of the backend together. */
import { createHeap } from "./heap.ts";
import { createSharedMemory } from "./memory.ts";
import { LockstepBackend } from "./backend.ts";
import { kernelModule } from "./module.ts";
import { createPool, poolBytes, type Pool } from "./pool.ts";

/** The kernels' own tables lie below: see `--memoryBase` where they are compiled. */
const firstAddress = 1 << 20;

/**
 * A backend with its memory and threads.
 * @param options - `numThreads` from 1; `maxBytes` of memory, at most 4 GiB.
 * @throws {ExpError} `environment` when this Node or machine lacks what it needs.
 */
export function createBackend(options: {
  readonly numThreads: number;
  readonly maxBytes?: number;
}): LockstepBackend {
  const { module } = kernelModule();
  const memory = createSharedMemory(options);
  memory.ensure(firstAddress);
  const heap = createHeap(memory, firstAddress);
  const startPool = (numThreads: number): Pool => {
    const control = heap.allocate(poolBytes(numThreads), "lasting");
    memory.integers(control, poolBytes(numThreads) / 4).fill(0);
    return createPool({ module, memory, control, numThreads });
  };
  return new LockstepBackend({ memory, heap, startPool }, options.numThreads);
}
