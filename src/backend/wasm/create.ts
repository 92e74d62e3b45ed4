/** Puts the parts of the backend together. */
import { availableCores } from "../host-limits.ts";
import { createHeap } from "./heap.ts";
import { createBackendMemory } from "./memory.ts";
import { LockstepBackend } from "./backend.ts";
import { kernelModule } from "./module.ts";
import { createPool, poolBytes, type Pool } from "./pool.ts";
import type { ThreadLibrary } from "./thread-library.ts";

/** The kernels' own tables lie below: see `--memoryBase` where they are compiled. */
const firstAddress = 1 << 20;

/**
 * A backend with its memory and threads.
 * @param options - `numThreads` from 1, and 1 where threads cannot share memory; `maxBytes` of memory, at most 4 GiB; the
 *   `library` that each thread loads.
 * @throws {ExpError} `environment` when this Node or machine lacks what it needs.
 */
export function createBackend(options: {
  readonly numThreads: number;
  readonly maxBytes?: number;
  readonly library?: ThreadLibrary | undefined;
}): LockstepBackend {
  const memory = createBackendMemory(options);
  const { module, hasWideVectors } = kernelModule(memory.isShared);
  memory.ensure(firstAddress);
  const heap = createHeap(memory, firstAddress);
  const startPool = (numThreads: number, library?: ThreadLibrary): Pool => {
    const numBytes = poolBytes(numThreads);
    const control = heap.allocate(numBytes, "lasting");
    memory.integers(control, numBytes / 4).fill(0);
    const numCores = availableCores();
    const pool = createPool({ module, memory, control, numThreads, numCores, library });
    let isStopped = false;
    const stop = async (): Promise<void> => {
      await pool.stop(); // until then threads read there
      if (!isStopped) heap.free(control, numBytes, "lasting");
      isStopped = true;
    };
    return { ...pool, stop };
  };
  return new LockstepBackend({ memory, heap, startPool, hasWideVectors }, options);
}
