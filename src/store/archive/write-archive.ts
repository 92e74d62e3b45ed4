/**
 * Writing an archive: a compressed tar whose first file says which bytes follow. The tar is the same for the same files on
 * every machine; what compresses it may come to other bytes in another version of Node.
 */
import { randomUUID } from "node:crypto";
import { constants, promises } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { ExpError } from "../../core/errors.ts";
import { createSha256 } from "../../core/hash.ts";
import type { FileSystem } from "../file-system.ts";
import { fileDigest, type ManifestFile } from "../manifest.ts";
import {
  archiveFiles,
  formatArchiveList,
  parseArchiveList,
  type ArchiveList,
} from "./archive-list.ts";
import type { PlacedFile } from "./archived-files.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar.ts";

/** A file of an archive: bytes that lie on the disk, or a text. */
export type ArchivedFile = PlacedFile | { readonly path: string; readonly text: string };

/** What an archive is made of. */
export interface ArchiveContent {
  /** All but its files. */
  readonly list: Omit<ArchiveList, "files" | "isSigned">;
  /** By paths in the archive. */
  readonly files: readonly ArchivedFile[];
  /** Makes the signature of `archive.json`: the text of `archive.sig.json`; absent for an archive that nobody signs. */
  readonly sign?: (list: string) => string;
}

/** The archive that was written. */
export interface WrittenArchive {
  readonly numFiles: number;
  readonly numBytes: number;
  /** Of the file itself. */
  readonly sha256: string;
}

const partSize = 1 << 20;

/**
 * Writes an archive under a temporary name, and renames it once it is on the disk.
 * @param target - Absolute; what lies there is replaced.
 * @throws {ExpError} `store` for a file that changes meanwhile or cannot be archived; `environment` for a full disk.
 */
export async function writeArchive(
  files: FileSystem,
  target: string,
  { list, files: given, sign }: ArchiveContent,
): Promise<WrittenArchive> {
  const sorted = given.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const isSigned = sign !== undefined;
  const whole = { ...list, isSigned, files: sorted.map((file) => described(files, file)) };
  const listText = formatArchiveList(whole);
  const problem = parseArchiveList(listText);
  if (typeof problem === "string")
    throw new ExpError("store", `It cannot be archived: ${problem}.`);
  const signature = sign?.(listText);
  const top: readonly ArchivedFile[] = [
    { path: archiveFiles.list, text: listText },
    ...(signature === undefined ? [] : [{ path: archiveFiles.signature, text: signature }]),
  ];
  const expected = new Map(whole.files.map((file) => [file.path, file.sha256] as const));
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}`);
  const tar = tarOf([...top, ...sorted], expected);
  try {
    const written = await writeCompressed(files, temporary, tar);
    files.rename(temporary, target);
    files.syncUp(dirname(target), dirname(target));
    return { ...written, numFiles: expected.size };
  } catch (error) {
    if (files.status(temporary) !== undefined) files.removeFile(temporary);
    throw error;
  }
}

function described(files: FileSystem, file: ArchivedFile): ManifestFile {
  if ("text" in file) {
    const digest = createSha256();
    digest.update(file.text);
    return { path: file.path, bytes: Buffer.byteLength(file.text), sha256: digest.digest() };
  }
  const digest = fileDigest(files, file.source);
  const bytes = files.status(file.source)?.numBytes;
  if (digest === undefined || bytes === undefined) throw changed(file.source);
  return { path: file.path, bytes, sha256: digest };
}

function changed(path: string): ExpError {
  return new ExpError("store", `${path} changed while it was archived.`, {
    hint: "Nothing was written. Run it again when nobody writes there.",
  });
}

async function* tarOf(
  archived: readonly ArchivedFile[],
  expected: ReadonlyMap<string, string>,
): AsyncGenerator<Uint8Array, void, void> {
  for (const file of archived) {
    if ("text" in file) yield* textParts(file);
    else yield* fileParts(file, expected.get(file.path) ?? "");
  }
  yield tarEnd;
}

function* textParts({ path, text }: { path: string; text: string }): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  yield tarHeader({ path, numBytes: bytes.length });
  yield bytes;
  yield tarPadding(bytes.length);
}

/** The digest is taken once more from the bytes that are written: the list was made before. */
async function* fileParts(
  { path, source }: PlacedFile,
  expected: string,
): AsyncGenerator<Uint8Array> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await promises.open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { size } = await file.stat();
    yield tarHeader({ path, numBytes: size });
    const digest = createSha256();
    for (let left = size; left > 0;) {
      const part = new Uint8Array(Math.min(partSize, left));
      const { bytesRead } = await file.read(part);
      if (bytesRead === 0) throw changed(source);
      digest.update(part.subarray(0, bytesRead));
      yield part.subarray(0, bytesRead);
      left -= bytesRead;
    }
    if (digest.digest() !== expected) throw changed(source);
    yield tarPadding(size);
  } finally {
    await file.close();
  }
}

async function writeCompressed(
  files: FileSystem,
  path: string,
  tar: AsyncIterable<Uint8Array>,
): Promise<Omit<WrittenArchive, "numFiles">> {
  const descriptor = files.openNew(path);
  const digest = createSha256();
  let numBytes = 0;
  try {
    // One stream into the other: an error of the first ends the second.
    const gzip = createGzip();
    pipeline(Readable.from(tar, { objectMode: false }), gzip, () => undefined);
    for await (const part of gzip as AsyncIterable<Uint8Array>) {
      files.append(descriptor, path, part);
      digest.update(part);
      numBytes += part.length;
    }
    files.sync(descriptor, path);
  } finally {
    files.close(descriptor, path);
  }
  return { numBytes, sha256: digest.digest() };
}
