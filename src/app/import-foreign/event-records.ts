/** Reads the frames of an event file, whose checksums are compared. */
import { maskedCrc32c } from "../../track/tensorboard/crc32c.ts";

/** The records of a file, up to where it cannot be read on. */
export interface EventRecords {
  readonly records: readonly Uint8Array[];
  /** What is wrong; a last record that is not whole yet is nothing wrong. */
  readonly problems: readonly string[];
}

const headBytes = 12;
const tailBytes = 4;

/**
 * The records of a file.
 * @see TensorFlow, `lib/io/record_writer.h`: length, its masked CRC-32C, the data, theirs.
 */
export function eventRecords(file: Uint8Array): EventRecords {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const records: Uint8Array[] = [];
  const problems: string[] = [];
  let at = 0;
  while (at + headBytes <= bytes.length) {
    if (maskedCrc32c(bytes.subarray(at, at + 8)) !== bytes.readUInt32LE(at + 8)) {
      problems.push(`byte ${at}: the checksum of a length does not fit; the rest is left out`);
      break;
    }
    const end = BigInt(at + headBytes) + bytes.readBigUInt64LE(at);
    if (end + BigInt(tailBytes) > BigInt(bytes.length)) break; // still being written, or its writer was killed
    const data = bytes.subarray(at + headBytes, Number(end));
    if (maskedCrc32c(data) === bytes.readUInt32LE(Number(end))) records.push(data);
    else problems.push(`byte ${at}: the checksum of a record does not fit; it is left out`);
    at = Number(end) + tailBytes;
  }
  return { records, problems };
}
