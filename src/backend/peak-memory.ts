/** How much memory a computation takes at its peak, and what a process takes beside it. */
import { backend as currentBackend, engine } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import { peakResidentBytes } from "./host-limits.ts";
import { tensorBackend } from "./wasm/current.ts";

/** What was computed, and the bytes of all tensors that were alive at once. */
export interface Measured<Result> {
  readonly value: Result;
  readonly numPeakBytes: number;
}

/**
 * Runs `work`, which is synchronous, and watches the tensors that it makes. Slower than `work` alone, but on `wasm`, where
 * the blocks of the backend's memory are counted. What `work` throws is thrown on.
 */
export async function measurePeak<Result>(work: () => Result): Promise<Measured<Result>> {
  const heap = tensorBackend()?.parts.heap;
  if (heap === undefined) return profilePeak(work);
  const { numLastingBytes, numPassingBytes } = heap.facts();
  heap.resetPeak();
  const value = work();
  const numPeakBytes = heap.facts().numPeakBytes - numLastingBytes - numPassingBytes;
  return { value, numPeakBytes };
}

async function profilePeak<Result>(work: () => Result): Promise<Measured<Result>> {
  const results: Result[] = [];
  const backend = currentBackend();
  // As an async function it turns what a kernel throws into a rejection that nobody sees, and a TypeError follows.
  backend.time = (run) => {
    run();
    return Promise.resolve({ kernelMs: 0 }); // nobody asks
  };
  try {
    const { peakBytes } = await engine().profile(() => {
      results.push(work());
      return [];
    });
    const [value] = results;
    if (value === undefined) throw new InternalError("a computation gave nothing");
    return { value, numPeakBytes: Math.max(0, peakBytes) };
  } finally {
    Reflect.deleteProperty(backend, "time"); // its class has the own one
    engine().state.profiling = false; // left on where `work` has thrown
  }
}

/** From now on `peakMemory` looks at what is taken from here on, as far as that can be told. */
export function resetPeakMemory(): void {
  tensorBackend()?.parts.heap.resetPeak();
}

/** The most memory that was taken. */
export interface PeakMemory {
  /** Bytes of tensors on `wasm`, since `resetPeakMemory`; `undefined` on backends that do not count them. */
  readonly numTensorBytes: number | undefined;
  /** Resident bytes of the whole process with all its threads, since it was started. */
  readonly numProcessBytes: number;
}

/** What has been taken until now. */
export function peakMemory(): PeakMemory {
  return {
    numTensorBytes: tensorBackend()?.heapFacts().numPeakBytes,
    numProcessBytes: peakResidentBytes(),
  };
}
