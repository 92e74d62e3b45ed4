/** Bytes of a text file to text, strictly: a wrong encoding must not turn into replacement characters unseen. */
import { isUtf8 } from "node:buffer";
import { ExpError } from "../core/errors.ts";

export type Encoding = "utf-8" | "latin1";

/**
 * The text of a file, without a byte order mark. `latin1` gives each byte the code point of its number.
 * @param file - Name for messages.
 * @throws {ExpError} `data` where a utf-8 file is not UTF-8, with the position of the first wrong byte.
 */
export function decodeText(bytes: Uint8Array, encoding: Encoding, file: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === "latin1") return buffer.toString("latin1");
  if (!isUtf8(buffer)) throw invalidUtf8(buffer, file);
  const text = buffer.toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function invalidUtf8(buffer: Buffer, file: string): ExpError {
  const position = firstInvalidByte(buffer);
  const value = (buffer[position] ?? 0).toString(16).padStart(2, "0");
  const row = countNewlines(buffer.subarray(0, position)) + 1;
  return new ExpError("data", `${file}:${row}: byte ${position} (0x${value}) is not UTF-8.`, {
    hint: "Convert the file to UTF-8, or set data.encoding=latin1 where that is what it is.",
  });
}

/** By bisection over prefixes: "valid up to here" is true up to the wrong byte and false after it. */
function firstInvalidByte(buffer: Buffer): number {
  let valid = 0;
  let invalid = buffer.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (validPrefix(buffer, middle) === undefined) invalid = middle;
    else valid = middle;
  }
  return validPrefix(buffer, valid) ?? 0;
}

/** Length of the longest UTF-8 prefix that ends at `end` or up to three bytes before it, inside a character. */
function validPrefix(buffer: Buffer, end: number): number | undefined {
  const ends = [end, end - 1, end - 2, end - 3].filter((length) => length >= 0);
  return ends.find((length) => isUtf8(buffer.subarray(0, length)));
}

function countNewlines(buffer: Buffer): number {
  let count = 0;
  for (const byte of buffer) if (byte === 0x0a) count++;
  return count;
}
