/**
 * Snapshots of code that a plan runs from: `.code/<codeHash>/snapshots/<digits>/` with `snapshot.json`, which names each
 * file and its digest, and the files in `tree/`. Stored once, read only when every byte is as it was stored.
 */
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { ExpError, InternalError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import { refuseSecretsIn } from "./code-store.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { requireRealFolders } from "./real-folders.ts";
import { formatPack, parsePack } from "./snapshot-pack.ts";
import { codeRoot, isSafeRelativePath, isSha256, numKeyDigits } from "./run-layout.ts";

export interface SnapshotContent {
  /** What whoever runs the code needs to know of it. */
  readonly facts: JsonObject;
  /** Paths relative to the tree, with forward slashes. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

/** Which snapshot: both SHA-256. */
export interface SnapshotName {
  readonly codeHash: string;
  /** Of `snapshot.json`. */
  readonly digest: string;
}

export interface StoredSnapshot {
  /** Absolute: the folder that holds the files. */
  readonly tree: string;
  readonly facts: JsonObject;
}

const format = "lockstep/snapshot/1";

/** The folder of a snapshot. */
export function snapshotDirectory(store: string, { codeHash, digest }: SnapshotName): string {
  if (!isSha256(codeHash) || !isSha256(digest)) {
    throw new ExpError("usage", "A snapshot is named by two SHA-256 in hex.");
  }
  return join(codeRoot(store), codeHash, "snapshots", digest.slice(0, numKeyDigits));
}

/** A snapshot, and the hash of the code that it makes complete. */
interface Snapshot {
  readonly codeHash: string;
  readonly content: SnapshotContent;
}

/**
 * Stores a snapshot as one file beside code that `saveCode` has stored; `readSnapshot` makes a folder of it.
 * @throws {ExpError} as `saveSnapshot`.
 */
export function packSnapshot(
  files: FileSystem,
  store: string,
  { codeHash, content }: Snapshot,
): SnapshotName {
  const name = { codeHash, digest: sha256(describe(content)) };
  const target = packFile(store, name);
  requireRealFolders(files, store, dirname(target));
  if (hasSnapshot(files, store, name)) return name;
  refuseSecrets(content);
  files.ensureDirectory(dirname(target));
  files.writeFile(target, formatPack(content), "durable");
  files.syncUp(dirname(target), store);
  return name;
}

/** How many bytes `packSnapshot` would write but for the names of the files; 0 where there is nothing to write. */
export function numPackBytes(
  files: FileSystem,
  store: string,
  { codeHash, content }: Snapshot,
): number {
  if (hasSnapshot(files, store, { codeHash, digest: sha256(describe(content)) })) return 0;
  return content.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Whether a snapshot is stored, packed or as a folder. */
export function hasSnapshot(files: FileSystem, store: string, name: SnapshotName): boolean {
  const places = [packFile(store, name), snapshotDirectory(store, name)];
  return places.some((path) => files.status(path) !== undefined);
}

function packFile(store: string, name: SnapshotName): string {
  return `${snapshotDirectory(store, name)}.pack`;
}

/** The digest of the snapshot in the bytes of a pack; `undefined` where they are none. */
export function packDigest(bytes: Uint8Array): string | undefined {
  const content = parsePack(bytes);
  const isSafe = content?.files.every(({ path }) => isSafeRelativePath(path)) === true;
  return content !== undefined && isSafe ? sha256(describe(content)) : undefined;
}

function refuseSecrets(content: SnapshotContent): void {
  for (const { path, bytes } of content.files) {
    refuseSecretsIn({ path, text: Buffer.from(bytes).toString("utf8") });
  }
}

/** Makes a folder of a pack, where there is none yet; where there is no pack either, whoever reads the folder finds out. */
function unpack(files: FileSystem, store: string, name: SnapshotName): void {
  if (files.status(snapshotDirectory(store, name)) !== undefined) return;
  const pack = packFile(store, name);
  const bytes = files.status(pack)?.kind === "file" ? files.read(pack) : undefined;
  if (bytes === undefined) return;
  const content = parsePack(bytes);
  if (content === undefined || packDigest(bytes) !== name.digest)
    throw broken(pack, "it is not as it was stored");
  saveSnapshot(files, store, { codeHash: name.codeHash, content });
}

/**
 * Stores a snapshot beside code that `saveCode` has stored.
 * @throws {ExpError} `module` for a file whose path cannot be kept, `config` for one that holds a secret.
 */
export function saveSnapshot(
  files: FileSystem,
  store: string,
  { codeHash, content }: Snapshot,
): SnapshotName {
  refuseSecrets(content);
  const text = describe(content);
  const name = { codeHash, digest: sha256(text) };
  const target = snapshotDirectory(store, name);
  requireRealFolders(files, store, target);
  if (files.status(target) !== undefined) return name;
  files.ensureDirectory(dirname(target));
  const temporary = join(codeRoot(store), `.new-${randomUUID()}`);
  files.ensureDirectory(temporary);
  try {
    for (const { path, bytes } of content.files) {
      const place = join(temporary, "tree", path);
      files.ensureFolders(dirname(place));
      files.writeFile(place, bytes, "later");
    }
    files.writeFile(join(temporary, "snapshot.json"), text, "later");
    files.syncBelow(temporary);
    files.syncUp(temporary, temporary);
    files.claim(temporary, target); // where somebody was first, it is the same, and perhaps not durable yet
    files.syncUp(dirname(target), store);
  } finally {
    files.removeTree(temporary);
  }
  return name;
}

function describe({ facts, files }: SnapshotContent): string {
  const list = files.map(({ path, bytes }) => {
    if (isSafeRelativePath(path)) return { path, sha256: sha256(bytes) };
    throw new ExpError(
      "module",
      `${JSON.stringify(path)} cannot be kept in a snapshot of the code.`,
      {
        hint: "Give the file a name without control characters and backslashes.",
      },
    );
  });
  return prettyJson({ format, facts, files: list.toSorted((a, b) => (a.path < b.path ? -1 : 1)) });
}

/**
 * A stored snapshot, after a look at every file of it. Folders named `node_modules` are links of whoever runs it.
 * @throws {ExpError} `store` where it is missing, or is not as it was stored.
 */
export function readSnapshot(files: FileSystem, store: string, name: SnapshotName): StoredSnapshot {
  const directory = snapshotDirectory(store, name);
  requireRealFolders(files, store, join(directory, "tree"));
  unpack(files, store, name);
  const text = files.status(directory) && files.readText(join(directory, "snapshot.json"));
  if (text === undefined) throw broken(directory, "it is not there");
  if (sha256(text) !== name.digest) throw broken(directory, "snapshot.json was changed");
  const { facts, files: list } = parseObject(text) ?? {};
  if (!Array.isArray(list)) throw new InternalError("snapshot.json has no list of files");
  const tree = join(directory, "tree");
  const expected = new Map<string, string>();
  for (const file of list as { path: string; sha256: string }[]) {
    expected.set(file.path, file.sha256); // the digest of the text holds, so it is what we wrote
  }
  const found = walk(files, tree, "");
  const problem =
    [...expected.keys()].find((path) => !found.includes(path)) ??
    found.find((path) => !isAsStored(files, join(tree, path), expected.get(path)));
  if (problem !== undefined) throw broken(directory, `tree/${problem} is not as it was stored`);
  return { tree, facts: facts as JsonObject };
}

function isAsStored(files: FileSystem, path: string, digest: string | undefined): boolean {
  if (files.status(path)?.kind !== "file") return false;
  const bytes = files.read(path);
  return bytes !== undefined && sha256(bytes) === digest;
}

/** Everything in a tree but `node_modules`, links not followed. */
function walk(files: FileSystem, tree: string, folder: string): readonly string[] {
  return files.list(join(tree, folder)).flatMap((name) => {
    if (name === "node_modules") return [];
    const path = folder === "" ? name : `${folder}/${name}`;
    const isFolder = files.status(join(tree, path))?.kind === "directory";
    return isFolder ? walk(files, tree, path) : [path];
  });
}

function broken(directory: string, reason: string): ExpError {
  return new ExpError("store", `The stored code cannot be used: ${reason} (${directory}).`, {
    hint: "exp fsck names all that is damaged, and exp fsck --repair moves it to the trash. Then the packed copy beside it is taken, where there is one; else exp FILE, or exp plan FILE --save plan.json, stores the code of today anew.",
  });
}
