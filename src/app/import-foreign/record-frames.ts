/** Reads the frames of a `.wandb` file: those of LevelDB's logs, whose checksums are compared. */
import { crc32 } from "node:zlib";
import { blockBytes, chunkTypes, fileStart, headerBytes } from "../../track/wandb/record-log.ts";

/** The records of a file, and what of it could not be read. */
export interface FramedRecords {
  readonly records: readonly Uint8Array[];
  /** Sentences without the name of the file. */
  readonly problems: readonly string[];
}

/**
 * The records of a file. Behind damage it goes on with the next block, as LevelDB's own reader does.
 * @returns `undefined` for a file that does not begin as W&B's do.
 * @see LevelDB, `doc/log_format.md`
 */
export function framedRecords(file: Uint8Array): FramedRecords | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!bytes.subarray(0, fileStart.length).equals(fileStart)) return undefined;
  const found: Found = { records: [], problems: [], parts: undefined };
  let at = fileStart.length;
  while (at < bytes.length) {
    const left = blockBytes - (at % blockBytes);
    if (left < headerBytes) at += left;
    else if (at + headerBytes > bytes.length) break;
    else at = readChunk(bytes, at, found);
  }
  const isCut = found.parts !== undefined || at > bytes.length || isPartAt(bytes, at);
  if (isCut) found.problems.push("it ends in the middle of a record, which is left out");
  return { records: found.records, problems: found.problems };
}

interface Found {
  readonly records: Uint8Array[];
  readonly problems: string[];
  /** Of a record that is not whole yet. */
  parts: Uint8Array[] | undefined;
}

function isPartAt(bytes: Buffer, at: number): boolean {
  return bytes.subarray(at).some((byte) => byte !== 0);
}

/** Where to read on; behind the end of the file where the chunk is cut off. */
function readChunk(bytes: Buffer, at: number, found: Found): number {
  const length = bytes.readUInt16LE(at + 4);
  const type = bytes.readUInt8(at + 6);
  const end = at + headerBytes + length;
  const blockEnd = at + blockBytes - (at % blockBytes);
  if (type === 0 && length === 0 && bytes.readUInt32LE(at) === 0) return blockEnd; // never written
  if (end <= blockEnd && end > bytes.length) return end;
  if (end > blockEnd || crc32(bytes.subarray(at + 6, end)) !== bytes.readUInt32LE(at)) {
    found.problems.push(`byte ${at}: damaged; the rest of its ${blockBytes} bytes is left out`);
    found.parts = undefined;
    return blockEnd;
  }
  addPart(found, type, bytes.subarray(at + headerBytes, end));
  return end;
}

function addPart(found: Found, type: number, part: Uint8Array): void {
  const { full, first, last } = chunkTypes;
  if (type === full || type === first) found.parts = [];
  if (found.parts === undefined) return; // its beginning is damaged
  found.parts.push(part);
  if (type !== full && type !== last) return;
  found.records.push(Buffer.concat(found.parts));
  found.parts = undefined;
}
