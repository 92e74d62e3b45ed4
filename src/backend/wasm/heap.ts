/**
 * Who gets which part of the memory: the kernels' own tables and the threads' control block at its beginning, then
 * stretches for two regions. What lives from step to step (parameters, optimizer state) is in `lasting`, what a step
 * computes in `passing`.
 */
import { ExpError } from "../../core/errors.ts";
import type { Address, BackendMemory } from "./memory.ts";
import { createRegion, type Region } from "./region.ts";

/** Sections of the heap by the life of what is in them. */
export type Life = "lasting" | "passing";

export interface Heap {
  /** @throws {OutOfMemoryError} when memory runs out, with what to do. */
  readonly allocate: (numBytes: number, life: Life) => Address;
  readonly free: (address: Address, numBytes: number, life: Life) => void;
  readonly facts: () => HeapFacts;
  /** The peak begins anew, with what is in use now. */
  readonly resetPeak: () => void;
}

export interface HeapFacts {
  readonly numLastingBytes: number;
  readonly numPassingBytes: number;
  /** The most that was in use at once, both together, since the heap was made or `resetPeak` was called. */
  readonly numPeakBytes: number;
}

/**
 * The heap of a memory.
 * @param firstAddress - Everything below belongs to somebody else; a multiple of 64.
 */
export function createHeap(memory: BackendMemory, firstAddress: Address): Heap {
  let next = firstAddress;
  const takeStretch = (numBytes: number): Address | undefined => {
    if (!memory.ensure(next + numBytes)) return undefined;
    next += numBytes;
    return next - numBytes;
  };
  const regions: Readonly<Record<Life, Region>> = {
    lasting: createRegion(takeStretch),
    passing: createRegion(takeStretch),
  };
  const used = (): number => regions.lasting.numUsedBytes() + regions.passing.numUsedBytes();
  let numPeakBytes = 0;
  return {
    allocate: (numBytes, life) => {
      const address = regions[life].allocate(numBytes);
      if (address === undefined) throw new OutOfMemoryError(numBytes, used(), memory.maxBytes);
      numPeakBytes = Math.max(numPeakBytes, used());
      return address;
    },
    free: (address, numBytes, life) => regions[life].free(address, numBytes),
    facts: () => ({
      numLastingBytes: regions.lasting.numUsedBytes(),
      numPassingBytes: regions.passing.numUsedBytes(),
      numPeakBytes,
    }),
    resetPeak: () => {
      numPeakBytes = used();
    },
  };
}

/** The memory is full. */
export class OutOfMemoryError extends ExpError {
  /** What is in use, and what was asked for beside it: more may have followed. */
  readonly numNeededBytes: number;

  constructor(numBytes: number, numUsedBytes: number, maxBytes: number) {
    const message =
      `The backend wasm has no memory left: ${mebibytes(numUsedBytes)} of ${mebibytes(maxBytes)} are in use, ` +
      `and a tensor needs ${mebibytes(numBytes)} more.`;
    super("training", message, {
      hint: "Lower training.batchSize (training.gradientAccumulationSteps keeps the batch of a step as it is), the length of the sequences or the width of the model.",
    });
    this.numNeededBytes = numUsedBytes + numBytes;
  }
}

function mebibytes(numBytes: number): string {
  return `${(numBytes / 2 ** 20).toFixed(1)} MiB`;
}
