/**
 * Where the time of a step goes: every call of a kernel of the backend `wasm` is timed on its way to the threads, and of
 * `native` every operation of the library as well.
 */
import { backend as currentTensors } from "@tensorflow/tfjs-core";
import type { Addon } from "../../src/backend/native/addon.ts";
import { NativeBackend } from "../../src/backend/native/backend.ts";
import { currentBackend } from "../../src/backend/wasm/current.ts";
import type { KernelArguments } from "../../src/backend/wasm/command-queue.ts";
import type { Pool } from "../../src/backend/wasm/pool.ts";

/** The calls of one kernel. */
export interface KernelTime {
  readonly kernel: string;
  readonly numCalls: number;
  readonly milliseconds: number;
}

export interface Profile {
  /** Of the whole work, kernels and JavaScript. */
  readonly milliseconds: number;
  /** Multiplications and additions of all matrix products; those of a library are not counted. */
  readonly flops: number | undefined;
  /** The longest first. */
  readonly kernels: readonly KernelTime[];
}

/** Runs `work` with a stopwatch at each kernel. */
export function profile(work: () => void): Profile {
  const pool = currentBackend()?.pool;
  if (pool === undefined) throw new Error("only the backends wasm and native can be profiled");
  const times: Times = new Map();
  const library = watchLibrary(times);
  let flops = 0;
  const { run } = pool;
  const watched: Pool["run"] = (kernel, numPieces, args) => {
    timed(times, kernel, () => {
      run(kernel, numPieces, args);
      pool.finish(); // else the next one pays for it
    });
    if (kernel === "multiply") flops += flopsOf(numPieces, args);
  };
  const replace = (by: Pool["run"]): unknown => Object.assign(pool, { run: by });
  replace(watched);
  const start = performance.now();
  try {
    work();
  } finally {
    replace(run);
    library?.end();
  }
  const milliseconds = performance.now() - start;
  const kernels = Array.from(times, ([kernel, time]) => ({ kernel, ...time }));
  return {
    milliseconds,
    flops: library === undefined ? flops : undefined,
    kernels: kernels.toSorted((a, b) => b.milliseconds - a.milliseconds),
  };
}

type Times = Map<string, { numCalls: number; milliseconds: number }>;

function timed<Result>(times: Times, kernel: string, work: () => Result): Result {
  const start = performance.now();
  const result = work();
  const time = times.get(kernel) ?? { numCalls: 0, milliseconds: 0 };
  time.milliseconds += performance.now() - start;
  time.numCalls++;
  times.set(kernel, time);
  return result;
}

/** Times the addon's functions until `end`; undefined where there is none. */
function watchLibrary(times: Times): { readonly end: () => void } | undefined {
  const native = currentTensors();
  if (!(native instanceof NativeBackend)) return undefined;
  const { addon } = native;
  const functions: Partial<Addon> = {
    executeOp: (...args) => timed(times, args[0], () => addon.executeOp(...args)),
    createTensor: (...args) => timed(times, "(write)", () => addon.createTensor(...args)),
    tensorDataSync: (id) => timed(times, "(read)", () => addon.tensorDataSync(id)),
    deleteTensor: (id) => timed(times, "(delete)", () => addon.deleteTensor(id)),
  };
  // Over the addon, whose constants are not enumerable and whose functions are read-only.
  const own = Object.entries(functions).map(([name, value]) => [name, { value }] as const);
  const watched = Object.create(addon, Object.fromEntries(own)) as Addon;
  Object.assign(native, { addon: watched });
  return { end: () => Object.assign(native, { addon }) };
}

/** See the arguments in `assembly/multiply.ts`. */
function flopsOf(numPieces: number, { integers }: KernelArguments): number {
  const at = (offset: number): number => integers[offset / 4] ?? NaN;
  const numMatrices = numPieces / (at(60) * at(68));
  return 2 * numMatrices * at(12) * at(16) * at(20);
}
