/** `.data/<dataHash>.json`: which files a data hash is over, so that it can be said later which of them changed. */
import { dirname, join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { sha256 } from "../core/hash.ts";
import { parseJson } from "../core/json.ts";
import type { FileSystem } from "./file-system.ts";
import { requireRealFolders } from "./real-folders.ts";
import { isSha256 } from "./run-layout.ts";

/** Name and SHA-256 of each file, in reading order. */
export type DataList = readonly (readonly [name: string, digest: string])[];

/** Keeps a list under the data hash, which is the SHA-256 of its own bytes. A task without files has none to keep. */
export function saveDataList(files: FileSystem, store: string, list: DataList): void {
  if (list.length === 0) return;
  const text = canonicalJson(list);
  const path = listPath(store, sha256(text));
  if (files.status(path) !== undefined) return;
  files.ensureRoot(store);
  files.ensureDirectory(dirname(path));
  files.writeFile(path, text, "durable");
  files.syncUp(store, store);
}

/** The list of a data hash; one that is damaged is as good as gone. */
export function readDataList(
  files: FileSystem,
  store: string,
  dataHash: string,
): DataList | undefined {
  if (!isSha256(dataHash)) return undefined;
  const path = listPath(store, dataHash);
  requireRealFolders(files, store, dirname(path));
  const text = files.readText(path);
  if (text === undefined || sha256(text) !== dataHash) return undefined;
  return parseJson(text) as DataList; // its digest holds, so it is what we wrote
}

function listPath(store: string, dataHash: string): string {
  return join(store, ".data", `${dataHash}.json`);
}
