/**
 * The framing of `.wandb` files: that of LevelDB's logs in blocks of 32 KiB, behind 7 bytes that name the format. A record
 * that does not fit into its block goes on in the next one.
 * @see LevelDB, `doc/log_format.md`; wandb, `core/pkg/leveldb/record.go` (IEEE checksums, not masked)
 */
import { crc32 } from "node:zlib";

/** Of a block. */
export const blockBytes = 32_768;

/** Checksum, length and type before each part. */
export const headerBytes = 7;

/** Which part of its record a chunk is. */
export const chunkTypes = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** What every file begins with: `:W&B`, 0xBEE1 and the version 0. */
export const fileStart: Uint8Array = Uint8Array.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00]);

/** Records of one file, in their order. */
export interface RecordLog {
  /** What stands at the beginning of the file. */
  readonly start: Uint8Array;
  /** A record as it stands behind those before. */
  next(record: Uint8Array): Uint8Array;
}

/** The framing of a new file. */
export function createRecordLog(): RecordLog {
  let numBytes = fileStart.length;
  const padding = (): Uint8Array => {
    const left = blockBytes - (numBytes % blockBytes);
    return new Uint8Array(left < headerBytes ? left : 0); // no header fits: zeros
  };
  const next = (record: Uint8Array): Uint8Array => {
    const parts: Uint8Array[] = [];
    const add = (bytes: Uint8Array): void => {
      parts.push(bytes);
      numBytes += bytes.length;
    };
    for (let at = 0, isFirst = true, isLast = false; !isLast; isFirst = false) {
      add(padding());
      const left = blockBytes - (numBytes % blockBytes);
      const part = record.subarray(at, at + left - headerBytes); // empty where only a header fits
      at += part.length;
      isLast = at === record.length;
      add(chunkOf(part, { isFirst, isLast }));
    }
    return Buffer.concat(parts);
  };
  return { start: fileStart, next };
}

function chunkOf(
  part: Uint8Array,
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): Uint8Array {
  const { full, first, middle, last } = chunkTypes;
  const type = isFirst ? (isLast ? full : first) : isLast ? last : middle;
  const chunk = Buffer.alloc(headerBytes + part.length);
  chunk.writeUInt16LE(part.length, 4);
  chunk.writeUInt8(type, 6);
  chunk.set(part, headerBytes);
  chunk.writeUInt32LE(crc32(chunk.subarray(6)), 0); // over the type and the part
  return chunk;
}
