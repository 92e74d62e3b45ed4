/**
 * A snapshot of code as one file, `.code/<codeHash>/snapshots/<digits>.pack`: what every run leaves of its code, at the cost
 * of one write. It becomes a folder when somebody wants to run from it.
 */
import { isPlainObject, parseJson } from "../core/json.ts";
import type { SnapshotContent } from "./snapshot-store.ts";

/** Paths and numbers of bytes; one line of JSON before the bytes themselves. */
interface PackHead {
  readonly format: typeof format;
  readonly facts: SnapshotContent["facts"];
  readonly files: readonly (readonly [path: string, numBytes: number])[];
}

const format = "lockstep/pack/1";
const newline = 0x0a;

/** The bytes of a pack. */
export function formatPack({ facts, files }: SnapshotContent): Uint8Array {
  const head: PackHead = {
    format,
    facts,
    files: files.map(({ path, bytes }) => [path, bytes.length]),
  };
  const line = Buffer.from(`${JSON.stringify(head)}\n`);
  return Buffer.concat([line, ...files.map(({ bytes }) => bytes)]);
}

/**
 * The snapshot in a pack, `undefined` where the bytes are none. Whether it is the one that was stored says its digest,
 * which whoever reads it has to compare.
 */
export function parsePack(bytes: Uint8Array): SnapshotContent | undefined {
  const end = bytes.indexOf(newline);
  const head = parseJson(Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString("utf8"));
  if (!isPlainObject(head) || head["format"] !== format || !Array.isArray(head["files"])) {
    return undefined;
  }
  let start = end + 1;
  const files = (head as object as PackHead).files.map(([path, numBytes]) => {
    const file = { path, bytes: bytes.subarray(start, start + numBytes) };
    start += numBytes;
    return file;
  });
  return { facts: (head as object as PackHead).facts, files };
}
