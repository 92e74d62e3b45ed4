/** Taking bytes from a stream piece by piece. */
import { damagedArchive } from "./damaged-archive.ts";

/** Bytes that come in parts of any size, taken in pieces of a wanted size. */
export interface ByteReader {
  /** So many bytes; `store` where fewer are left. */
  exactly(numBytes: number): Promise<Uint8Array>;
  /** So many bytes, or all that are left. */
  atMost(numBytes: number): Promise<Uint8Array>;
  /** At least one byte and at most so many; an error at the end. */
  some(maxBytes: number): Promise<Uint8Array>;
}

/** A reader of what a source gives, from its beginning. */
export function byteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  const fill = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const step = await iterator.next();
      if (step.done === true) return false;
      rest = step.value;
    }
    return true;
  };
  const take = async (maxBytes: number): Promise<Uint8Array> => {
    if (!(await fill())) return new Uint8Array();
    const part = rest.subarray(0, maxBytes);
    rest = rest.subarray(part.length);
    return part;
  };
  const atMost = async (numBytes: number): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for (let missing = numBytes; missing > 0;) {
      const part = await take(missing);
      if (part.length === 0) break;
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  };
  return {
    atMost,
    exactly: async (numBytes) => {
      const found = await atMost(numBytes);
      if (found.length < numBytes) throw damagedArchive("it ends in the middle");
      return found;
    },
    some: async (maxBytes) => {
      const part = await take(maxBytes);
      if (part.length === 0) throw damagedArchive("it ends in the middle");
      return part;
    },
  };
}
