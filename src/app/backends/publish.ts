/**
 * From a private folder to an installation: the manifest is written last, the folder is moved into place by one rename, and
 * then the file that names the one in use is replaced by another rename. Whatever is interrupted before leaves the
 * installation that was in use.
 */
import { createReadStream } from "node:fs";
import {
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  computationDigest,
  inUseFile,
  listInstallations,
  readInstallation,
  type Installation,
} from "../../backend/native/installation.ts";
import type { BackendManifest, FileFacts } from "../../backend/native/manifest.ts";
import { backendsFolder, type CompiledName, type Variables } from "../../backend/native/place.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { createSha256 } from "../../core/hash.ts";
import { thrownCode } from "../../core/thrown.ts";
import { makePrivate, removeAbandoned } from "./private-folders.ts";

/** Makes a folder that nobody else uses, beside the installations, so that it can be renamed into one. */
export function makePrivateFolder(name: CompiledName, variables: Variables): string {
  const folder = join(backendsFolder(variables), name);
  mkdirSync(folder, { recursive: true });
  removeAbandoned(folder);
  return makePrivate(folder);
}

/** Removes a folder with everything in it; nothing where there is none. */
export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Every file of a folder with its digest, sorted by path. */
export async function fileFacts(folder: string): Promise<readonly FileFacts[]> {
  const paths = filesBelow(folder)
    .map((path) => path.slice(folder.length + 1))
    .sort();
  const facts: FileFacts[] = [];
  for (const path of paths) {
    const file = join(folder, path);
    facts.push({ path, bytes: statSync(file).size, sha256: await fileDigest(file) });
  }
  return facts;
}

/** Links are left out; `recursive` would go through them from Node.js 22 on. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** SHA-256 of a file's bytes. */
export async function fileDigest(path: string): Promise<string> {
  const digest = createSha256();
  for await (const part of createReadStream(path, { highWaterMark: 4 << 20 })) {
    digest.update(part as Uint8Array); // a stream without an encoding gives bytes
  }
  return digest.digest();
}

/**
 * Publishes a folder under the name that its manifest gives it, and makes it the one in use. Where a whole one of that name
 * is there already, that one stays and ours is removed, unless it is to be replaced.
 */
export function publish(
  folder: string,
  manifest: BackendManifest,
  { variables, replaces }: { readonly variables: Variables; readonly replaces: boolean },
): Installation {
  const { backend } = manifest;
  writeSynced(join(folder, "manifest.json"), `${canonicalJson(manifest)}\n`);
  const id = installationName(manifest);
  const parent = join(backendsFolder(variables), backend);
  const place = join(parent, id);
  const isWhole = (): boolean =>
    listInstallations(backend, variables).some((one) => one.id === id && one.problem === undefined);
  while (!movedInto(folder, place)) {
    if (!replaces && isWhole()) {
      removeTree(folder);
      break;
    }
    moveAway(place, parent);
  }
  useInstallation(backend, id, variables);
  const published = readInstallation(place, id);
  if (published === undefined) throw new Error(`${place} is gone again`);
  return published;
}

/** `tensorflow-2.21.0-x64-1a2b3c4d`: the digits are of the libraries' digest. */
function installationName(manifest: BackendManifest): string {
  const { tensorflow, arch } = manifest;
  return `tensorflow-${tensorflow}-${arch}-${computationDigest(manifest).slice(0, 8)}`;
}

function movedInto(folder: string, place: string): boolean {
  try {
    renameSync(folder, place);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST"].includes(thrownCode(error) ?? "")) return false;
    throw error;
  }
}

/** Takes what is broken out of the way; another process may have done it first. */
function moveAway(place: string, parent: string): void {
  const aside = makePrivate(parent);
  try {
    renameSync(place, join(aside, "broken"));
  } catch (error) {
    if (thrownCode(error) !== "ENOENT") throw error;
  } finally {
    removeTree(aside);
  }
}

/** Makes an installation the one that runs take. */
export function useInstallation(name: CompiledName, id: string, variables: Variables): void {
  const folder = join(backendsFolder(variables), name);
  const own = makePrivate(folder);
  try {
    writeSynced(join(own, inUseFile), `${id}\n`);
    renameSync(join(own, inUseFile), join(folder, inUseFile));
  } finally {
    removeTree(own);
  }
}

/**
 * Removes installations of a backend, out of sight by one rename first.
 * @returns Their names; the one in use and its mark go last.
 */
export function removeInstallations(
  name: CompiledName,
  isWanted: (id: string) => boolean,
  variables: Variables,
): readonly string[] {
  const folder = join(backendsFolder(variables), name);
  if (!existsSync(folder)) return [];
  removeAbandoned(folder);
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .filter(isWanted);
  for (const id of ids) moveAway(join(folder, id), folder);
  const mark = join(folder, inUseFile);
  if (existsSync(mark) && !existsSync(join(folder, readFileSync(mark, "utf8").trim())))
    rmSync(mark, { force: true });
  return ids;
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
