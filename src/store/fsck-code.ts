/** Checking what runs share: code, snapshots, diffs, lists of data, and what was said about runs. */
import { join } from "node:path";
import { isExpError } from "../core/errors.ts";
import { isPlainObject, parseJson } from "../core/json.ts";
import { readAnnotation } from "./annotations.ts";
import { isCodeOf } from "./code-digest.ts";
import { readCode } from "./code-store.ts";
import { readDataList } from "./data-lists.ts";
import { readDataRows } from "./data-rows.ts";
import { isRecent, namesIn, report, toTrash, type CheckContext } from "./fsck-findings.ts";
import { lookTwice } from "./fsck-twice.ts";
import { parseObject } from "./json-file.ts";
import { fileDigest } from "./manifest.ts";
import {
  annotationsRoot,
  codeRoot,
  exportsFolder,
  isRunName,
  isSafeRelativePath,
  isSha256,
  numKeyDigits,
} from "./run-layout.ts";
import { packDigest, readSnapshot } from "./snapshot-store.ts";

/** Checks all stored code, and gives back how many there are. */
export function checkCode(context: CheckContext): number {
  const root = codeRoot(context.store);
  let numCodes = 0;
  for (const name of namesIn(context, root)) {
    const path = join(root, name);
    if (name.startsWith(".new-") && !isRecent(context, path)) {
      const message = "A process ended while it stored this code; nobody uses it.";
      const repair = toTrash(context, path, message);
      report(context, { severity: "warning", code: "leftover", path, message, repair });
    }
    if (!isSha256(name)) continue;
    numCodes++;
    if (namesIn(context, path).length > 0) checkOneCode(context, name);
  }
  return numCodes;
}

/** Checks the stored code of one hash. */
export function checkOneCode(context: CheckContext, codeHash: string): void {
  const { files, store } = context;
  const directory = join(codeRoot(store), codeHash);
  // Code that was stored before its files were kept has no list of them.
  const isOld = files.status(join(directory, "files.json")) === undefined;
  const isWhole = isOld
    ? Array.isArray(parseJson(textOf(context, join(directory, "packages.json")) ?? ""))
    : readCode(files, store, codeHash) !== undefined;
  if (!isWhole || textOf(context, join(directory, "bundle.js")) === undefined) {
    const message = "The code cannot be read; the next run of it stores it again.";
    const repair = toTrash(context, directory, message);
    return report(context, {
      severity: "error",
      code: "damaged-code",
      path: directory,
      message,
      repair,
    });
  }
  const code = { bundle: textOf(context, join(directory, "bundle.js")) ?? "", packages: [] };
  const known = isOld ? undefined : readCode(files, store, codeHash);
  if (known !== undefined && !isCodeOf(codeHash, { ...code, ...known })) {
    const message =
      "bundle.js and packages.json do not come to the hash that names the folder: one was changed since. What is executed again lies in snapshots/, checked by itself. With the folder out of the way, the next run stores the code again.";
    report(context, { severity: "error", code: "damaged-code", path: directory, message });
  }
  const told = (path: string, message: string): void => {
    const repair = toTrash(context, path, message);
    report(context, { severity: "error", code: "damaged-code", path, message, repair });
  };
  for (const name of namesIn(context, join(directory, "sources"))) {
    const path = join(directory, "sources", name);
    const problem = sourcesProblem(context, path);
    if (problem !== undefined) told(path, problem);
  }
  for (const name of wholeIn(context, join(directory, "snapshots"))) {
    const path = join(directory, "snapshots", name);
    const problem = snapshotProblem(context, { codeHash, name });
    if (problem !== undefined) told(path, problem);
  }
  for (const name of wholeIn(context, join(directory, "uncommitted"))) {
    const path = join(directory, "uncommitted", name);
    const digest = fileDigest(files, path)?.slice(0, numKeyDigits);
    if (name.endsWith(".diff") && `${digest}.diff` !== name)
      told(path, "The diff has other bytes than its name says.");
  }
}

/** Names in a folder that processes share, without files that one is writing; what one left half-written is told. */
function wholeIn(context: CheckContext, folder: string): readonly string[] {
  const isHalf = (name: string): boolean => name.startsWith(".") && name.endsWith(".new");
  const names = namesIn(context, folder);
  for (const name of names.filter(isHalf)) {
    const path = join(folder, name);
    if (isRecent(context, path)) continue;
    const message = "A process ended while it wrote this; nobody reads it.";
    const repair = toTrash(context, path, message);
    report(context, { severity: "warning", code: "leftover", path, message, repair });
  }
  return names.filter((name) => !isHalf(name));
}

/** The text of a regular file, links not followed. */
function textOf({ files }: CheckContext, path: string): string | undefined {
  return files.status(path)?.kind === "file" ? files.readText(path) : undefined;
}

function sourcesProblem(context: CheckContext, folder: string): string | undefined {
  const sources = parseJson(textOf(context, join(folder, ".list.json")) ?? "");
  if (!Array.isArray(sources)) return "The list of the sources cannot be read.";
  for (const source of sources as readonly unknown[]) {
    const { path, storedAs = path, sha256: digest } = isPlainObject(source) ? source : {};
    if (typeof storedAs !== "string" || !isSafeRelativePath(storedAs))
      return "The list of the sources names a file outside of them.";
    if (fileDigest(context.files, join(folder, storedAs)) !== digest)
      return `The source ${storedAs} has other bytes than its list says.`;
  }
  return undefined;
}

function snapshotProblem(
  { files, store }: CheckContext,
  { codeHash, name }: { readonly codeHash: string; readonly name: string },
): string | undefined {
  const folder = join(codeRoot(store), codeHash, "snapshots", name);
  if (name.endsWith(".pack")) {
    const bytes = files.status(folder)?.kind === "file" ? files.read(folder) : undefined;
    const packed = bytes === undefined ? undefined : packDigest(bytes);
    return packed !== undefined && `${packed.slice(0, numKeyDigits)}.pack` === name
      ? undefined
      : "The packed snapshot has other bytes than its name says.";
  }
  const digest = fileDigest(files, join(folder, "snapshot.json")) ?? "";
  if (!isSha256(digest) || !digest.startsWith(name))
    return "snapshot.json has other bytes than its name says.";
  try {
    readSnapshot(files, store, { codeHash, digest });
    return undefined;
  } catch (error) {
    if (!isExpError(error)) throw error;
    return error.message;
  }
}

/** Checks the lists of data, and the digests of their rows. */
export function checkDataLists(context: CheckContext): void {
  const root = join(context.store, ".data");
  for (const name of wholeIn(context, join(root, "rows"))) {
    if (!isSha256(name) || readDataRows(context.files, context.store, name) !== undefined) continue;
    const path = join(root, "rows", name);
    const message =
      "The digests of the rows of a data file were changed, so it could not be told which rows of it changed; the next run stores them again.";
    const repair = toTrash(context, path, message);
    report(context, { severity: "warning", code: "damaged-data-rows", path, message, repair });
  }
  for (const name of wholeIn(context, root)) {
    const hash = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    const path = join(root, name);
    if (hash === undefined || readDataList(context.files, context.store, hash) !== undefined)
      continue;
    const message = "The list has other bytes than its name says; the next run stores it again.";
    const repair = toTrash(context, path, message);
    report(context, { severity: "warning", code: "damaged-data-list", path, message, repair });
  }
}

/** A saying that was not yet moved into the folder of its run. */
function isHalfWritten(name: string): boolean {
  return /^\.{1,2}new-.*\.json(?:(?:\.[0-9a-f]{8})?\.new)?$/u.test(name);
}

/** Checks what was said about runs, and gives back how many sayings there are. */
export function checkAnnotations(context: CheckContext): number {
  const root = annotationsRoot(context.store);
  let numAnnotations = 0;
  for (const name of namesIn(context, root).filter(isHalfWritten)) {
    const path = join(root, name);
    if (isRecent(context, path)) continue;
    const message = "A process ended while it wrote this; nobody reads it.";
    const repair = toTrash(context, path, message);
    report(context, { severity: "warning", code: "damaged-annotation", path, message, repair });
  }
  for (const key of namesIn(context, root).filter(isRunName)) {
    numAnnotations += lookTwice(context, key, (looking) => checkAnnotationsOf(looking, key));
  }
  return numAnnotations;
}

function checkAnnotationsOf(context: CheckContext, key: string): number {
  const folder = join(annotationsRoot(context.store), key);
  let numAnnotations = 0;
  checkCursors(context, key);
  for (const name of namesIn(context, folder)) {
    const path = join(folder, name);
    const isHalf = name.startsWith(".") && name.endsWith(".new");
    if (isHalf ? isRecent(context, path) : !name.endsWith(".json")) continue;
    const annotation = isHalf ? undefined : readAnnotation(context.files, path);
    if (annotation?.runKey.startsWith(key) === true) {
      numAnnotations++;
      continue;
    }
    const message = isHalf
      ? "A process ended while it wrote this; nobody reads it."
      : "What was said about the run cannot be read.";
    const repair = toTrash(context, path, message);
    report(context, { severity: "warning", code: "damaged-annotation", path, message, repair });
  }
  return numAnnotations;
}

/** Without its cursor a run is exported as if nothing of it had been sent; who can look there first does so. */
function checkCursors(context: CheckContext, key: string): void {
  const folder = join(annotationsRoot(context.store), key, exportsFolder);
  for (const name of namesIn(context, folder).filter((file) => file.endsWith(".json"))) {
    const path = join(folder, name);
    const isFile = context.files.status(path)?.kind === "file";
    const { format, runKey } = parseObject((isFile && context.files.readText(path)) || "") ?? {};
    const isOwn = typeof runKey === "string" && runKey.startsWith(key);
    if (format === "lockstep/export-cursor/1" && isOwn) continue;
    const message = "What of the run was sent to a tool cannot be read; all of it is sent again.";
    const repair = toTrash(context, path, message);
    report(context, { severity: "warning", code: "damaged-cursor", path, message, repair });
  }
}
