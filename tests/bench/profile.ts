/** Where the time of a step goes: every call of a kernel of the backend `wasm` is timed on its way to the threads. */
import { currentBackend } from "../../src/backend/wasm/current.ts";
import type { KernelArguments, Pool } from "../../src/backend/wasm/pool.ts";

/** The calls of one kernel. */
export interface KernelTime {
  readonly kernel: string;
  readonly numCalls: number;
  readonly milliseconds: number;
}

export interface Profile {
  /** Of the whole work, kernels and JavaScript. */
  readonly milliseconds: number;
  /** Multiplications and additions of all matrix products. */
  readonly flops: number;
  /** The longest first. */
  readonly kernels: readonly KernelTime[];
}

/** Runs `work` with a stopwatch at each kernel. */
export function profile(work: () => void): Profile {
  const pool = currentBackend()?.pool;
  if (pool === undefined) throw new Error("only the backend wasm can be profiled");
  const times = new Map<string, { numCalls: number; milliseconds: number }>();
  let flops = 0;
  const { run } = pool;
  const watched: Pool["run"] = (kernel, numPieces, args) => {
    const start = performance.now();
    run(kernel, numPieces, args);
    const time = times.get(kernel) ?? { numCalls: 0, milliseconds: 0 };
    time.milliseconds += performance.now() - start;
    time.numCalls++;
    times.set(kernel, time);
    if (kernel === "multiply") flops += flopsOf(numPieces, args);
  };
  const replace = (by: Pool["run"]): unknown => Object.assign(pool, { run: by });
  replace(watched);
  const start = performance.now();
  try {
    work();
  } finally {
    replace(run);
  }
  const milliseconds = performance.now() - start;
  const kernels = Array.from(times, ([kernel, time]) => ({ kernel, ...time }));
  return {
    milliseconds,
    flops,
    kernels: kernels.toSorted((a, b) => b.milliseconds - a.milliseconds),
  };
}

/** See the arguments in `assembly/multiply.ts`. */
function flopsOf(numPieces: number, { integers }: KernelArguments): number {
  const at = (offset: number): number => integers[offset / 4] ?? NaN;
  const numMatrices = numPieces / (at(60) * at(68));
  return 2 * numMatrices * at(12) * at(16) * at(20);
}
