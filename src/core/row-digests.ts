/**
 * Short digests of the rows of a text file, by which two versions of it are compared when only one of them is still there.
 * Six bytes each: of a million rows, one pair of different rows in about 600 such files is taken for equal. They only
 * explain; what decides is the SHA-256 of the whole file.
 */
import { createHash } from "node:crypto";

/** Bytes of each digest. */
const digestBytes = 6;

/** Beyond these, digests would take longer than anybody waits for an explanation. */
const maxRows = 200_000;
const maxFileBytes = 32 * 1024 * 1024;

const newline = 0x0a;

/**
 * The digests of the rows of a file, one behind the other.
 * @param bytes - The whole file; rows end with a newline, but for the last.
 * @returns `undefined` for a file that is no text, or is too long.
 */
export function rowDigests(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > maxFileBytes || bytes.subarray(0, 8192).includes(0)) return undefined;
  if (countRows(bytes) > maxRows) return undefined;
  const digests: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const at = bytes.indexOf(newline, start);
    const end = at === -1 ? bytes.length : at;
    digests.push(digestOf(bytes.subarray(start, end)));
    start = end + 1;
  }
  return Buffer.concat(digests);
}

function countRows(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

function digestOf(row: Uint8Array): Buffer {
  return createHash("sha256").update(row).digest().subarray(0, digestBytes);
}

/** Of more rows than these that are others, which ones says less than how many. */
const maxNamedRows = 3;

/**
 * What became of the rows of a file, in a few words: `1 of 6,920 rows (line 17)`, `2 of 90 rows, 3 added`. Lines count from
 * 1, the header among them.
 * @param before - From `rowDigests`.
 * @param now - The same of the file as it is now.
 */
export function rowChanges(before: Uint8Array, now: Uint8Array): string {
  const [was, is] = [rowsOf(before), rowsOf(now)];
  const total = countText(was.length);
  if (was.length === is.length) {
    const lines = was.flatMap((row, index) => (row === is[index] ? [] : [index + 1]));
    if (lines.length === 0) return "the ends of its lines";
    const numChanged = without(was, is);
    if (numChanged === 0) return `${total} rows in another order`;
    const isNamed = lines.length <= maxNamedRows && lines.length === numChanged;
    const places = `(${lines.length === 1 ? "line" : "lines"} ${lines.map(countText).join(", ")})`;
    return `${countText(numChanged)} of ${total} rows${isNamed ? ` ${places}` : ""}`;
  }
  const [numGone, numCome] = [without(was, is), without(is, was)];
  const numChanged = Math.min(numGone, numCome);
  const parts = [
    ...(numChanged > 0 ? [`${countText(numChanged)} of ${total} rows`] : []),
    ...(numCome > numChanged ? [`${countText(numCome - numChanged)} added`] : []),
    ...(numGone > numChanged ? [`${countText(numGone - numChanged)} of ${total} removed`] : []),
  ];
  return numChanged > 0 ? parts.join(", ") : `${parts.join(", ")} (rows)`;
}

function rowsOf(digests: Uint8Array): readonly string[] {
  const text = Buffer.from(digests).toString("latin1");
  const count = Math.floor(text.length / digestBytes);
  return Array.from({ length: count }, (_, index) =>
    text.slice(index * digestBytes, (index + 1) * digestBytes),
  );
}

/** How many rows of the first list the second one lacks; equal rows count one by one. */
function without(rows: readonly string[], others: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  let numMissing = 0;
  for (const row of rows) {
    const count = counts.get(row) ?? 0;
    if (count === 0) numMissing++;
    else counts.set(row, count - 1);
  }
  return numMissing;
}

/** A count as people read it: `6,920`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/gu, ",");
}
