/**
 * Blocks of memory of one kind of life. Sizes are rounded up to classes, so that a freed block fits the next tensor of
 * about the same size; nothing is ever searched. When the last block of a region is freed, as it is after each step of
 * a training, the region starts afresh from its beginning: so a step finds the addresses of the step before, and nothing
 * can pile up.
 */
import type { Address } from "./memory.ts";

/** Takes whole stretches of the memory for a region; undefined when there is none. */
export type TakeStretch = (numBytes: number) => Address | undefined;

export interface Region {
  /** A block of at least that many bytes, aligned to 64; undefined when memory runs out. */
  readonly allocate: (numBytes: number) => Address | undefined;
  /** Gives back a block; the same number of bytes as it was asked for. */
  readonly free: (address: Address, numBytes: number) => void;
  /** Bytes in blocks that are in use now. */
  readonly numUsedBytes: () => number;
  /** Stretches that the region holds, used or not. */
  readonly numHeldBytes: () => number;
}

interface Stretch {
  readonly start: Address;
  readonly end: Address;
}

const alignment = 64;
/** Above it, classes are eighths of a power of two: at most an eighth of a block is unused. */
const smallBytes = 4096;
/** A region takes at least that much at a time. */
const stretchBytes = 1 << 20;

/** The size of the block that is handed out for that many bytes. */
export function blockBytes(numBytes: number): number {
  if (numBytes <= smallBytes)
    return Math.max(alignment, Math.ceil(numBytes / alignment) * alignment);
  const step = 1 << (28 - Math.clz32(numBytes)); // an eighth of the power of two below
  return Math.ceil(numBytes / step) * step;
}

/** An empty region. */
export function createRegion(takeStretch: TakeStretch): Region {
  const stretches: Stretch[] = [];
  const freeBlocks = new Map<number, Address[]>();
  let current = 0;
  let next = 0;
  let numBlocks = 0;
  let numUsedBytes = 0;
  let numHeldBytes = 0;

  const startAfresh = (): void => {
    freeBlocks.clear();
    current = 0;
    next = stretches[0]?.start ?? 0;
  };
  /** The first stretch from the current one on that has room; a new one when none has. */
  const carve = (size: number): Address | undefined => {
    for (;;) {
      const stretch = stretches[current];
      if (stretch !== undefined && next + size <= stretch.end) {
        next += size;
        return next - size;
      }
      if (stretch !== undefined && current + 1 < stretches.length) {
        current++;
        next = stretches[current]?.start ?? 0;
        continue;
      }
      const numBytes = Math.max(size, stretchBytes);
      const start = takeStretch(numBytes);
      if (start === undefined) return undefined;
      stretches.push({ start, end: start + numBytes });
      numHeldBytes += numBytes;
      current = stretches.length - 1;
      next = start;
    }
  };
  return {
    allocate: (numBytes) => {
      const size = blockBytes(numBytes);
      const address = freeBlocks.get(size)?.pop() ?? carve(size) ?? larger(freeBlocks, size);
      if (address === undefined) return undefined;
      numBlocks++;
      numUsedBytes += size;
      return address;
    },
    free: (address, numBytes) => {
      const size = blockBytes(numBytes);
      numBlocks--;
      numUsedBytes -= size;
      if (numBlocks === 0) return startAfresh();
      const blocks = freeBlocks.get(size);
      if (blocks === undefined) freeBlocks.set(size, [address]);
      else blocks.push(address);
    },
    numUsedBytes: () => numUsedBytes,
    numHeldBytes: () => numHeldBytes,
  };
}

/** Where memory has run out: a free block that is larger than need be. Its rest is unused until the region starts afresh. */
function larger(freeBlocks: ReadonlyMap<number, Address[]>, size: number): Address | undefined {
  const sizes = [...freeBlocks].filter(([bytes, blocks]) => bytes > size && blocks.length > 0);
  const [best] = sizes.toSorted(([first], [second]) => first - second);
  return best?.[1].pop();
}
