/**
 * The one memory that all tensors of the backend, and the kernels' own tables, lie in; every thread sees it. It grows and
 * never moves: views that were taken before it grew stay valid. That is not so with a memory that threads cannot share,
 * which is all that some processes can have: there it has its full size from the beginning, of which the system gives
 * only the pages that are written.
 */
import { ExpError } from "../../core/errors.ts";
import { canShareMemory, createMemory, type WasmMemory } from "./web-assembly.ts";

const pageBytes = 65536;
/** What WebAssembly can address: 4 GiB. A machine that limits addresses gets the largest that it grants. */
const largestPages = [65536, 32768, 16384, 8192];
const firstPages = 256;

/** A block of the memory that was handed out. */
export type Address = number;

export interface BackendMemory {
  readonly wasm: WasmMemory;
  /** Whether threads share it; else there is one. */
  readonly isShared: boolean;
  /** The most bytes that it can have. */
  readonly maxBytes: number;
  /** Makes sure that it has that many bytes; false when it cannot. */
  readonly ensure: (numBytes: number) => boolean;
  /** Numbers at an address, without a copy. */
  readonly floats: (address: Address, length: number) => Float32Array;
  readonly integers: (address: Address, length: number) => Int32Array;
  /** Where an array lies that is a view of this memory; undefined for any other array. */
  readonly addressOf: (values: ArrayBufferView) => Address | undefined;
}

/**
 * Makes the memory.
 * @param limits - `maxBytes`, at most 4 GiB: for tests, which want it to run out.
 * @throws {ExpError} `environment` when the system grants none.
 */
export function createBackendMemory(limits: { readonly maxBytes?: number } = {}): BackendMemory {
  const isShared = canShareMemory();
  const { wasm, maxBytes } = largestMemory(limits.maxBytes ?? Infinity, isShared);
  const known = new WeakSet<object>();
  let buffer = wasm.buffer;
  known.add(buffer);
  return {
    wasm,
    isShared,
    maxBytes,
    ensure: (numBytes) => {
      if (numBytes <= buffer.byteLength) return true;
      if (numBytes > maxBytes || !grow(wasm, { numBytes, maxBytes })) return false;
      buffer = wasm.buffer;
      known.add(buffer);
      return true;
    },
    floats: (address, length) => new Float32Array(buffer, address, length),
    integers: (address, length) => new Int32Array(buffer, address, length),
    addressOf: (values) => (known.has(values.buffer) ? values.byteOffset : undefined),
  };
}

function largestMemory(
  atMost: number,
  shared: boolean,
): { readonly wasm: WasmMemory; readonly maxBytes: number } {
  let cause: unknown;
  const wanted = Math.ceil(atMost / pageBytes);
  for (const pages of largestPages) {
    try {
      const maximum = Math.min(pages, wanted);
      const initial = shared ? Math.min(firstPages, maximum) : maximum;
      return { wasm: createMemory({ initial, maximum, shared }), maxBytes: maximum * pageBytes };
    } catch (error) {
      cause = error;
    }
  }
  throw new ExpError("environment", "The system grants no memory to the backend wasm.", {
    hint: "Raise the limit on addresses (ulimit -v), or choose backend=cpu.",
    cause,
  });
}

/** Grows by more than is asked for, so that it rarely grows; by exactly that where there is no more. */
function grow(
  wasm: WasmMemory,
  { numBytes, maxBytes }: { readonly numBytes: number; readonly maxBytes: number },
): boolean {
  const had = wasm.buffer.byteLength;
  const generous = Math.min(maxBytes, Math.max(numBytes, Math.ceil(had * 1.25)));
  for (const target of [generous, numBytes]) {
    try {
      wasm.grow(Math.ceil((target - had) / pageBytes));
      return true;
    } catch {
      // The system has not that much: less may do.
    }
  }
  return false;
}
