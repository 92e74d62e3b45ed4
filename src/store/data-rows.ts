/**
 * `.data/rows/<SHA-256 of a file>`: short digests of its rows, so that it can be said later how many of them changed. They
 * explain and decide nothing: what is missing or damaged here takes away an explanation.
 */
import { dirname, join } from "node:path";
import { createSha256 } from "../core/hash.ts";
import type { FileSystem } from "./file-system.ts";
import { isSha256 } from "./run-layout.ts";

/** Hex digits at the end of a file: its own SHA-256. */
const sumLength = 64;

/**
 * Keeps the digests of a file's rows, once.
 * @param digest - SHA-256 of the file.
 * @param rows - Called where they are not there yet; `undefined` for a file without rows.
 */
export function saveDataRows(
  files: FileSystem,
  store: string,
  { digest, rows }: { readonly digest: string; readonly rows: () => Uint8Array | undefined },
): void {
  const path = rowsPath(store, digest);
  if (!isSha256(digest) || files.status(path) !== undefined) return;
  const bytes = rows();
  if (bytes === undefined) return;
  files.ensureRoot(dirname(path));
  files.writeFile(path, Buffer.concat([bytes, Buffer.from(sumOf(bytes))]), "later");
}

/** The digests of a file's rows; damaged ones are as good as gone. */
export function readDataRows(
  files: FileSystem,
  store: string,
  digest: string,
): Uint8Array | undefined {
  if (!isSha256(digest)) return undefined;
  const path = rowsPath(store, digest);
  if (files.status(path)?.kind !== "file") return undefined;
  const bytes = files.read(path) ?? new Uint8Array();
  const rows = bytes.subarray(0, -sumLength);
  const sum = Buffer.from(bytes.subarray(-sumLength)).toString("latin1");
  return bytes.length >= sumLength && sum === sumOf(rows) ? rows : undefined;
}

function sumOf(bytes: Uint8Array): string {
  const sum = createSha256();
  sum.update(bytes);
  return sum.digest();
}

function rowsPath(store: string, digest: string): string {
  return join(store, ".data", "rows", digest);
}
