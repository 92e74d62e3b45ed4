/** Reads the frames of an event file, whose checksums are compared. */
import { maskedCrc32c } from "../../track/tensorboard/crc32c.ts";

const headBytes = 12;
const tailBytes = 4;

/**
 * Reads the records of a file, up to where it cannot be read on.
 * @param onRecord - Given each in turn: together they take more memory than the file.
 * @returns What is wrong; a last record that is not whole yet is nothing wrong.
 * @see TensorFlow, `lib/io/record_writer.h`: length, its masked CRC-32C, the data, theirs.
 */
export function eventRecords(
  file: Uint8Array,
  onRecord: (record: Uint8Array) => void,
): readonly string[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const problems = createProblems();
  let at = 0;
  while (at + headBytes <= bytes.length) {
    if (maskedCrc32c(bytes.subarray(at, at + 8)) !== bytes.readUInt32LE(at + 8)) {
      problems.add(`byte ${at}: the checksum of a length does not fit; the rest is left out`);
      break;
    }
    const end = BigInt(at + headBytes) + bytes.readBigUInt64LE(at);
    if (end + BigInt(tailBytes) > BigInt(bytes.length)) break; // still being written, or its writer was killed
    const data = bytes.subarray(at + headBytes, Number(end));
    if (maskedCrc32c(data) === bytes.readUInt32LE(Number(end))) onRecord(data);
    else problems.add(`byte ${at}: the checksum of a record does not fit; it is left out`);
    at = Number(end) + tailBytes;
  }
  return problems.told();
}

/** So many problems of one file are told. */
const maxProblems = 20;

function createProblems(): { add: (text: string) => void; told: () => readonly string[] } {
  const texts: string[] = [];
  let numMore = 0;
  return {
    add: (text) => {
      if (texts.length < maxProblems) texts.push(text);
      else numMore++;
    },
    told: () => (numMore === 0 ? texts : [...texts, `${numMore} more records are left out`]),
  };
}
