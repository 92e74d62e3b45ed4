/** Archives for tests that tamper with them: taken apart, changed, and put together again with lists that say so. */
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, expect } from "vitest";
import { isExpError } from "../../../../src/core/errors.ts";
import { sha256 } from "../../../../src/core/hash.ts";
import { readTar, tarEnd, tarHeader, tarPadding } from "../../../../src/store/archive/tar.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { archived, finishedRun, imported } from "./sample.ts";

/** A file of an archive. */
export interface Entry {
  path: string;
  bytes: Buffer;
}

/** What the list says of a file. */
export interface Listed {
  path: string;
  bytes: number;
  sha256: string;
}

/** What `archive.json` says. */
export interface List {
  runKey: string;
  isSigned: boolean;
  format: string;
  files: Listed[];
  data: unknown[];
}

/** The files of an archive of one run, of a signed one, and the name of the run. */
export const originals: { entries: readonly Entry[]; signed: readonly Entry[]; runName: string } = {
  entries: [],
  signed: [],
  runName: "",
};

async function entriesOf(file: string): Promise<readonly Entry[]> {
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield gunzipSync(readFileSync(file));
  }
  const tar = readTar(whole());
  const found: Entry[] = [];
  for (let entry = await tar.next(); entry !== undefined; entry = await tar.next()) {
    const parts: Uint8Array[] = [];
    for await (const part of tar.parts()) parts.push(Buffer.from(part));
    found.push({ path: entry.path, bytes: Buffer.concat(parts) });
  }
  return found;
}

/** Makes them before the first test of a file. */
export function makeOriginals(): void {
  beforeEach(async () => {
    if (originals.entries.length > 0) return; // nobody changes them
    const stored = finishedRun();
    originals.runName = stored.run.runKey.slice(0, 16);
    originals.entries = await entriesOf(await archived(stored));
    const key = generateKeyPairSync("ed25519").privateKey;
    originals.signed = await entriesOf(await archived(finishedRun(), { key }));
  });
}

/** An archive before it is compressed. */
export function tarOf(files: readonly Entry[]): Buffer {
  const parts = files.flatMap(({ path, bytes }) => [
    tarHeader({ path, numBytes: bytes.length }),
    bytes,
    tarPadding(bytes.length),
  ]);
  return Buffer.concat([...parts, tarEnd]);
}

/** Imports changed files into a new folder; nothing may be there afterwards. */
export async function refused(compressed: Uint8Array, maxBytes = 1e9): Promise<string> {
  const folder = temporaryFolder();
  const path = join(folder, "hostile.tar.gz");
  writeFileSync(path, compressed);
  const directory = join(folder, "runs");
  const message = await imported(path, { directory, maxBytes }).then(
    ({ outcome }) => `taken: ${outcome.kind}`,
    (error: unknown) => (isExpError(error) ? error.message : `no word of ours: ${String(error)}`),
  );
  const left = existsSync(directory) ? readdirSync(directory) : [];
  expect(left.filter((name) => name !== ".cache")).toEqual([]);
  expect(readdirSync(folder).toSorted()).toEqual(["hostile.tar.gz", "runs"]);
  expect(readdirSync(join(directory, ".cache"))).toEqual([]);
  return message;
}

/** The archive with another list; the files behind it as they are, or changed too. */
export function withList(
  change: (list: List) => void,
  files: readonly Entry[] = originals.entries,
): Uint8Array {
  const [first, ...others] = files;
  const list = JSON.parse(first?.bytes.toString() ?? "") as List;
  change(list);
  const bytes = Buffer.from(JSON.stringify(list));
  return gzipSync(tarOf([{ path: "archive.json", bytes }, ...others]));
}

/** The archive with other bytes of a file of the run, which the list says too. */
export function withFile(name: string, change: (text: string) => string): Uint8Array {
  const path = `runs/${originals.runName}/${name}`;
  const files = originals.entries.map((entry) =>
    entry.path === path ? { path, bytes: Buffer.from(change(entry.bytes.toString())) } : entry,
  );
  const changed = files.find((entry) => entry.path === path);
  return withList((list) => {
    const listed = list.files.find((file) => file.path === path);
    if (listed === undefined || changed === undefined) throw new Error(`no ${path}`);
    listed.bytes = changed.bytes.length;
    listed.sha256 = sha256(changed.bytes);
  }, files);
}

/** The first file that is not the list's own. */
export const secondFile = (list: List): Listed => {
  const [, file] = list.files;
  if (file === undefined) throw new Error("no files");
  return file;
};
