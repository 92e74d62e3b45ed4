/** Checksums of arrays in the memory of the backend: a thread takes two arrays at a time. */
import { checksumSeeds, checksumText } from "../../../core/checksum.ts";
import { currentBackend } from "../current.ts";
import { workshopOf } from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

/** Words of the table about one array; see `assembly/checksum.ts`. */
const entryWords = 4;

interface Placed {
  /** Among the arrays. */
  readonly index: number;
  readonly length: number;
  readonly address: Address;
}

/** Those of the arrays that lie there, by their index. */
export function fastChecksums(arrays: readonly ArrayBufferView[]): ReadonlyMap<number, string> {
  const backend = currentBackend();
  if (backend === undefined) return new Map();
  const { memory } = backend.parts;
  const placed = arrays.flatMap((values, index): Placed[] => {
    const address = memory.addressOf(values);
    return address === undefined ? [] : [{ index, length: values.byteLength / 4, address }];
  });
  if (placed.length === 0) return new Map();
  // The longest first: nobody begins with one when all others are done, and two that go together are of like length.
  const sorted = placed.toSorted((first, second) => second.length - first.length);
  const workshop = workshopOf(backend);
  return workshop.withScratch(sorted.length * entryWords * 4, (table) => {
    const words = workshop.integers(table, sorted.length * entryWords);
    words.set(sorted.flatMap(({ length, address }) => [length, address, 0, 0]));
    const numPairs = Math.ceil(sorted.length / 2);
    workshop.run("checksum", numPairs, [table, ...checksumSeeds, sorted.length]);
    const results = workshop.integers(table, sorted.length * entryWords);
    const texts = sorted.map(({ index }, place) => {
      const [first = 0, second = 0] = results.subarray(place * entryWords + 2);
      return [index, checksumText(first >>> 0, second >>> 0)] as const;
    });
    return new Map(texts);
  });
}
