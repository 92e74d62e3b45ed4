/** The code of runs, stored once: `.code/<codeHash>/` with the bundle, its packages and the project's own modules. */
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { ExpError, InternalError } from "../core/errors.ts";
import { hashJson, sha256 } from "../core/hash.ts";
import { secretsWithin } from "../core/secrets.ts";
import type { FileSystem } from "./file-system.ts";
import { requireRealFolders } from "./real-folders.ts";
import { parseJson } from "../core/json.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { codeRoot, isSafeRelativePath, isSha256, numKeyDigits } from "./run-layout.ts";

export interface StoredCode {
  /** What the code hash is over: the program that a run executes. */
  readonly bundle: string;
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly integrity: string;
  }[];
  /** All files that the bundle is made of, by names that are equal on every machine. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Modules of the project that were evaluated, comments and types included; paths relative to the project. */
  readonly sources: readonly {
    readonly path: string;
    readonly sha256: string;
    readonly text: string;
  }[];
}

export interface SavedCode {
  /** Absolute: `.code/<codeHash>`. */
  readonly directory: string;
  /** Name of the folder below `sources/`: experiments that share their code still have modules of their own. */
  readonly sources: string;
}

/** Saves what is not there yet. Of several writers the first wins; they all write the same. */
export function saveCode(
  files: FileSystem,
  store: string,
  { codeHash, code }: { codeHash: string; code: StoredCode },
): SavedCode {
  refuseSecrets(code);
  if (!isSha256(codeHash)) throw new InternalError("the code hash is not a SHA-256 in hex");
  const directory = join(codeRoot(store), codeHash);
  const sources = hashJson(code.sources.map(({ path, sha256 }) => [path, sha256]));
  const saved = { directory, sources: sources.slice(0, numKeyDigits) };
  files.ensureRoot(store);
  files.ensureDirectory(codeRoot(store));
  if (files.status(directory) === undefined) {
    build(files, { store, target: directory }, (temporary) => {
      files.ensureDirectory(join(temporary, "sources"));
      files.writeFile(join(temporary, "bundle.js"), code.bundle, "later");
      files.writeFile(join(temporary, "packages.json"), prettyJson(code.packages), "later");
      const list = { format: "lockstep/code-files/1", files: code.files };
      files.writeFile(join(temporary, "files.json"), JSON.stringify(list), "later");
    });
  }
  const target = join(directory, "sources", saved.sources);
  if (files.status(target) === undefined) {
    build(files, { store, target }, (temporary) => {
      for (const source of code.sources) writeSource(files, temporary, source);
      files.writeFile(join(temporary, listName), sourceList(code), "later");
    });
  }
  files.syncUp(dirname(target), store); // also what another process moved there a moment ago
  return saved;
}

/** Code is stored as it is, since its hash says so: what must not be stored cannot stand in it. */
function refuseSecrets({ sources, files, bundle }: StoredCode): void {
  for (const file of [...sources, ...files]) refuseSecretsIn(file);
  if (secretsWithin(bundle).length > 0) throw secretInCode("The code of the task", bundle);
}

/**
 * Refuses a file that must not be stored.
 * @throws {ExpError} `config` with the line that holds the value of a secret.
 */
export function refuseSecretsIn({ path, text }: { path: string; text: string }): void {
  const lines = secretsWithin(text).length === 0 ? [] : text.split("\n");
  const index = lines.findIndex((line) => secretsWithin(line).length > 0);
  if (index !== -1) throw secretInCode(`${path}:${index + 1}`, lines[index] ?? "");
}

function secretInCode(place: string, text: string): ExpError {
  const [name = ""] = secretsWithin(text);
  return new ExpError(
    "config",
    `${place} holds the value of the secret ${name}; it would be stored.`,
    {
      hint: `Take it out, and read it with readSecret() from secret("${name}").`,
    },
  );
}

/** Files and packages of stored code; `undefined` where it is not stored, or was before its files were kept. */
export function readCode(
  files: FileSystem,
  store: string,
  codeHash: string,
): Pick<StoredCode, "files" | "packages"> | undefined {
  const directory = join(codeRoot(store), codeHash);
  if (!isSha256(codeHash)) return undefined;
  requireRealFolders(files, store, directory);
  if (files.status(directory) === undefined) return undefined;
  const list = parseObject(files.readText(join(directory, "files.json")) ?? "");
  const packages = parseJson(files.readText(join(directory, "packages.json")) ?? "");
  const isWhole = Array.isArray(list?.["files"]) && Array.isArray(packages);
  if (!isWhole) return undefined;
  return { files: list["files"], packages } as Pick<StoredCode, "files" | "packages">; // as they were written
}

/** Keeps an uncommitted diff beside the code that it is part of, under its SHA-256. */
export function saveDiff(
  files: FileSystem,
  store: string,
  { codeHash, diff }: { codeHash: string; diff: Uint8Array },
): string {
  const digest = sha256(diff);
  const path = diffPath(store, codeHash, digest);
  requireRealFolders(files, store, dirname(path));
  if (files.status(path) === undefined) {
    files.ensureDirectory(dirname(path));
    files.writeFile(path, diff, "durable");
    files.syncUp(dirname(dirname(path)), store);
  }
  return digest;
}

/** The diff of a SHA-256; one that is damaged is as good as gone. */
export function readDiff(
  files: FileSystem,
  store: string,
  { codeHash, digest }: { codeHash: string; digest: string },
): Uint8Array | undefined {
  const path = diffPath(store, codeHash, digest);
  requireRealFolders(files, store, dirname(path));
  const diff = files.read(path);
  return diff !== undefined && sha256(diff) === digest ? diff : undefined;
}

function diffPath(store: string, codeHash: string, digest: string): string {
  if (![codeHash, digest].every(isSha256))
    throw new InternalError("a diff is named by two SHA-256");
  return join(codeRoot(store), codeHash, "uncommitted", `${digest.slice(0, numKeyDigits)}.diff`);
}

/** Fills a temporary directory and moves it into place; where somebody was first, it is dropped. */
function build(
  files: FileSystem,
  { store, target }: { store: string; target: string },
  fill: (temporary: string) => void,
): void {
  const temporary = join(codeRoot(store), `.new-${randomUUID()}`);
  files.ensureDirectory(temporary);
  try {
    fill(temporary);
    files.syncBelow(temporary);
    files.syncUp(temporary, temporary);
    files.claim(temporary, target);
  } finally {
    files.removeTree(temporary);
  }
}

function writeSource(files: FileSystem, root: string, source: StoredCode["sources"][number]): void {
  if (sha256(source.text) !== source.sha256) {
    throw new InternalError(`the source ${JSON.stringify(source.path)} is not what its hash says`);
  }
  const path = join(root, storedPath(source.path));
  files.ensureFolders(dirname(path));
  files.writeFile(path, source.text, "later");
}

/** Names at the top of a set of sources that are the store's own. */
const listName = ".list.json";
const outsideName = ".outside";

/**
 * Where a module lies in its set of sources. A project may import from beside it (`../../shared/data.ts`); such a path,
 * and any other that would not stay in the folder, becomes a hash of itself and a name that any file system takes.
 */
function storedPath(path: string): string {
  const [top = ""] = path.split("/");
  const isOurs = top === listName || top === outsideName;
  if (isSafeRelativePath(path) && !isOurs) return path;
  const name = (path.split(/[/\\]/).at(-1) ?? "").replace(/[^A-Za-z0-9._-]/g, "_").slice(-100);
  const isName = /[^.]/.test(name);
  return `${outsideName}/${sha256(path).slice(0, numKeyDigits)}/${isName ? name : "module"}`;
}

/** The paths that the project knows its modules by. Never empty, so that a rename cannot replace the directory. */
function sourceList(code: StoredCode): string {
  return prettyJson(
    code.sources.map(({ path, sha256 }) => {
      const stored = storedPath(path);
      return { path, sha256, ...(stored === path ? {} : { storedAs: stored }) };
    }),
  );
}
