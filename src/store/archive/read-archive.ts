/**
 * Reading an archive that anybody may have made. Its first file lists all others; nothing is written that is not in the
 * list, no file is longer than the list says, every byte is compared with its SHA-256, and the list itself has limits. What
 * comes out lies in a folder of its own, and is no run of any store yet.
 */
import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { ExpError } from "../../core/errors.ts";
import { createSha256 } from "../../core/hash.ts";
import type { FileSystem } from "../file-system.ts";
import type { ManifestFile } from "../manifest.ts";
import { archiveFiles, parseArchiveList, type ArchiveList } from "./archive-list.ts";
import { damagedArchive } from "./damaged-archive.ts";
import { readTar, type TarReader } from "./tar.ts";

/** How much is taken from an archive. */
export interface ArchiveLimits {
  /** Of all files together, once they are not compressed any more. */
  readonly maxBytes: number;
}

/** An archive as it was read. */
export interface ReadArchive {
  readonly list: ArchiveList;
  /** The bytes of `archive.json`: what a signature is over. */
  readonly listText: string;
  /** The text of `archive.sig.json`, where there is one. */
  readonly signature?: string;
}

/** `archive.json` of 200,000 files with long names. */
const maxListBytes = 64 << 20;
const maxSignatureBytes = 64 << 10;

/** Files of a run are numbers and code; no such file shrinks to less than that. */
const maxRatio = 300;
/** Below it, no ratio is suspicious. */
const harmlessBytes = 64 << 20;

/** What is told about an archive before any of its files is written. */
export type CheckList = (read: ReadArchive) => void;

/**
 * Extracts an archive.
 * @param options.path - The archive, absolute.
 * @param options.folder - A folder without anything of an archive, absolute; left with what was written when this throws.
 * @param options.check - Called before anything is written; throws to refuse.
 * @throws {ExpError} `store` for anything that `exp archive` would not write; `usage` where there is no such file.
 */
export async function extractArchive(
  files: FileSystem,
  options: {
    readonly path: string;
    readonly folder: string;
    readonly limits: ArchiveLimits;
    readonly check: CheckList;
  },
): Promise<ReadArchive> {
  const { path, folder, limits, check } = options;
  const numBytes = sizeOf(files, path);
  const gunzip = createGunzip();
  let isOver = false;
  pipeline(createReadStream(path), gunzip, () => undefined); // its errors come out of what is read
  try {
    const tar = readTar(gunzip as AsyncIterable<Uint8Array>);
    const read = await readHead(tar);
    refuseTooMuch(read.list, { limits, numBytes });
    check(read);
    for (const file of read.list.files) await extractFile(files, { tar, file, folder });
    const more = await tar.next();
    if (more !== undefined) throw unlisted(more.path);
    isOver = true;
    return read;
  } catch (error) {
    throw describeError(error);
  } finally {
    if (!isOver) gunzip.destroy();
  }
}

function sizeOf(files: FileSystem, path: string): number {
  const found = files.status(path);
  if (found?.kind === "file") return found.numBytes;
  throw noArchive(path, found === undefined ? "does not exist" : "is no file");
}

/** The error about a path at which no archive can be. */
export function noArchive(path: string, what = "does not exist"): ExpError {
  return new ExpError("usage", `${path} ${what}; expected an archive that exp archive wrote.`);
}

async function readHead(tar: TarReader): Promise<ReadArchive> {
  const first = await tar.next();
  if (first?.path !== archiveFiles.list) {
    throw damagedArchive(`it does not begin with ${archiveFiles.list}`);
  }
  const listText = await textOf(tar, first.numBytes, maxListBytes);
  const list = parseArchiveList(listText);
  if (typeof list === "string") throw damagedArchive(list);
  if (!list.isSigned) return { list, listText };
  const second = await tar.next();
  if (second?.path !== archiveFiles.signature) throw damagedArchive("its signature is not there");
  return { list, listText, signature: await textOf(tar, second.numBytes, maxSignatureBytes) };
}

async function textOf(tar: TarReader, numBytes: number, maxBytes: number): Promise<string> {
  if (numBytes > maxBytes) throw damagedArchive(`a file at its beginning has ${numBytes} bytes`);
  const parts: Uint8Array[] = [];
  for await (const part of tar.parts()) parts.push(part);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
  } catch {
    throw damagedArchive("a file at its beginning is no text");
  }
}

function refuseTooMuch(
  { files }: ArchiveList,
  { limits, numBytes }: { readonly limits: ArchiveLimits; readonly numBytes: number },
): void {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  if (total > limits.maxBytes) {
    throw new ExpError(
      "store",
      `The archive would take ${total} bytes; at most ${limits.maxBytes} are taken.`,
      { hint: `Nothing was imported. If you know whose it is: --max-bytes ${total}.` },
    );
  }
  if (total > harmlessBytes && total > numBytes * maxRatio) {
    throw damagedArchive(`${numBytes} bytes of it would become ${total}`);
  }
}

function unlisted(path: string): ExpError {
  return damagedArchive(`it holds ${JSON.stringify(path)}, which is not in its list`);
}

/** The tar has the files in the order of the list. */
async function extractFile(
  files: FileSystem,
  {
    tar,
    file,
    folder,
  }: { readonly tar: TarReader; readonly file: ManifestFile; readonly folder: string },
): Promise<void> {
  const found = await tar.next();
  if (found === undefined) throw damagedArchive(`${JSON.stringify(file.path)} is not there`);
  if (found.path !== file.path) throw unlisted(found.path);
  if (found.numBytes !== file.bytes) {
    const place = JSON.stringify(file.path);
    throw damagedArchive(`${place} has ${found.numBytes} bytes, and its list says ${file.bytes}`);
  }
  const target = join(folder, file.path);
  files.ensureFolders(dirname(target));
  const descriptor = files.openNew(target);
  const digest = createSha256();
  try {
    for await (const part of tar.parts()) {
      digest.update(part);
      files.append(descriptor, target, part);
    }
  } finally {
    files.close(descriptor, target);
  }
  if (digest.digest() === file.sha256) return;
  throw damagedArchive(`${JSON.stringify(file.path)} has other bytes than its list says`);
}

/** What the decompression says; everything else is an error of ours already. */
function describeError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!code.startsWith("Z_") && code !== "ERR_STREAM_PREMATURE_CLOSE") return error;
  return damagedArchive("it is cut off, or no compressed tar at all");
}
