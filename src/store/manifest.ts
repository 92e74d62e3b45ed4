/**
 * `manifest.json`: what any honest attempt at a run must come to. It lists the deterministic files only, so the
 * manifests of two attempts are equal byte for byte, or one of them did not repeat.
 */
import { join } from "node:path";
import { createSha256, sha256 } from "../core/hash.ts";
import { isPlainObject } from "../core/json.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { artifactFolder, isSafeRelativePath, isSha256, runFiles } from "./run-layout.ts";

/** What a run is, known before it starts. All but `environmentClass` are SHA-256 in hex. */
export interface RunIdentities {
  readonly configHash: string;
  readonly groupHash: string;
  readonly codeHash: string;
  readonly dataHash: string;
  /** `wasm/2`, `cpu/1/20/x64`. */
  readonly environmentClass: string;
  readonly runKey: string;
}

/** What came out, beside what went in. */
export interface ResultIdentities extends RunIdentities {
  /** Absent for a task that trains nothing. */
  readonly weightsDigest?: string;
  readonly traceDigest: string;
}

export interface ManifestFile {
  /** Relative to the run directory, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: "lockstep/manifest/1";
  readonly task: { readonly name: string; readonly version: number };
  readonly identities: ResultIdentities;
  /** In the order of their paths by code unit. */
  readonly files: readonly ManifestFile[];
}

/** Files outside `results/` and `model/` that every attempt writes the same; numbered checkpoints depend on an operation setting. */
const deterministicFiles: ReadonlySet<string> = new Set([
  runFiles.identity,
  runFiles.metricsLog,
  runFiles.traceLog,
  "checkpoints/best.safetensors",
  "checkpoints/last.safetensors",
]);

/**
 * The manifest of a complete attempt, by reading its files.
 * @param directory - The attempt, its files closed.
 */
export function buildManifest(
  files: FileSystem,
  directory: string,
  facts: {
    readonly task: Manifest["task"];
    readonly identities: RunIdentities;
    readonly weightsDigest: string | undefined;
  },
): Manifest {
  const filesIn = (folder: string): readonly string[] => namesBelow(files, directory, folder);
  const listed = [...deterministicFiles, ...filesIn("results"), ...filesIn(artifactFolder)]
    .sort()
    .map((path) => describeFile(files, directory, path))
    .filter((file) => file !== undefined);
  const trace = listed.find((file) => file.path === runFiles.traceLog);
  return {
    format: "lockstep/manifest/1",
    task: facts.task,
    identities: {
      ...facts.identities,
      ...(facts.weightsDigest === undefined ? {} : { weightsDigest: facts.weightsDigest }),
      traceDigest: trace?.sha256 ?? sha256(""),
    },
    files: listed,
  };
}

/** Tells whether a manifest of an attempt that has the file lists it. */
export function isDeterministic(path: string): boolean {
  const [folder, name] = path.split("/");
  if (name !== undefined && (folder === "results" || folder === artifactFolder)) return true;
  return deterministicFiles.has(path);
}

/** The files beside those of the manifest, for the attempt's record. */
export function otherFiles(
  files: FileSystem,
  directory: string,
  manifest: Manifest,
): readonly ManifestFile[] {
  const listed = new Set(manifest.files.map(({ path }) => path));
  const own: readonly string[] = [runFiles.attempt, runFiles.manifest, runFiles.heartbeat];
  return namesBelow(files, directory, "")
    .filter((path) => !/^(?:checkpoints|files)\//.test(path))
    .filter((path) => !listed.has(path) && !own.includes(path) && isSafeRelativePath(path))
    .flatMap((path) => describeFile(files, directory, path) ?? []);
}

/** Everything below a folder of a directory that is no folder itself, links not followed; relative to the directory. */
function namesBelow(files: FileSystem, directory: string, folder: string): readonly string[] {
  return files.list(join(directory, folder)).flatMap((name) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    const isFolder = files.status(join(directory, path))?.kind === "directory";
    return isFolder ? namesBelow(files, directory, path) : [path];
  });
}

/** The bytes of `manifest.json`. */
export function formatManifest(manifest: Manifest): string {
  return prettyJson(manifest);
}

/** The manifest in a text, or a sentence that says what is wrong with it. */
export function parseManifest(text: string): Manifest | string {
  const fields = parseObject(text);
  if (fields === undefined) return "it is not a JSON object";
  if (fields["format"] !== "lockstep/manifest/1") {
    const { format } = fields;
    const found = typeof format === "string" ? JSON.stringify(format) : "missing";
    return `its format is ${found}, expected "lockstep/manifest/1"`;
  }
  if (!isTask(fields["task"])) return "its task has no name and version";
  if (!isIdentities(fields["identities"])) return "its identities are incomplete";
  const files: unknown = fields["files"];
  if (!Array.isArray(files) || !files.every(isManifestFile)) return "its list of files is broken";
  return {
    format: fields["format"],
    task: fields["task"],
    identities: fields["identities"],
    files,
  };
}

/**
 * Paths and identities in which two manifests differ, the most telling first: a trace names the first step that went
 * another way, while weights only say that one did.
 */
export function manifestDifferences(ours: Manifest, theirs: Manifest): readonly string[] {
  const digests = (manifest: Manifest): Map<string, string> =>
    new Map(manifest.files.map((file) => [file.path, file.sha256]));
  const [left, right] = [digests(ours), digests(theirs)];
  const telling: readonly string[] = [runFiles.traceLog, runFiles.metricsLog];
  const paths = [...new Set([...telling, ...[...left.keys(), ...right.keys()].sort()])];
  const differing = paths.filter((path) => left.get(path) !== right.get(path));
  const names = Object.keys({ ...ours.identities, ...theirs.identities }).sort();
  const identity = (manifest: Manifest, name: string): unknown =>
    Object.entries(manifest.identities).find(([key]) => key === name)?.[1];
  const changed = names.filter((name) => identity(ours, name) !== identity(theirs, name));
  return [...differing, ...changed];
}

/** The SHA-256 of a regular file, read in parts; `undefined` where none is. */
export function fileDigest(files: FileSystem, path: string): string | undefined {
  const found = files.status(path);
  if (found?.kind !== "file") return undefined;
  const digest = createSha256();
  const partSize = Math.min(Math.max(found.numBytes, 1), 1 << 20);
  files.readParts(path, partSize, (part) => {
    digest.update(part);
  });
  return digest.digest();
}

/** What a file of a run is now, `undefined` where it is none. */
function describeFile(
  files: FileSystem,
  directory: string,
  path: string,
): ManifestFile | undefined {
  const place = join(directory, path);
  const digest = fileDigest(files, place);
  const bytes = files.status(place)?.numBytes;
  return digest === undefined || bytes === undefined ? undefined : { path, bytes, sha256: digest };
}

function isTask(value: unknown): value is Manifest["task"] {
  return (
    isPlainObject(value) &&
    typeof value["name"] === "string" &&
    typeof value["version"] === "number"
  );
}

function isIdentities(value: unknown): value is ResultIdentities {
  if (!isPlainObject(value)) return false;
  const hashes = ["configHash", "groupHash", "codeHash", "dataHash", "runKey", "traceDigest"];
  const weights = value["weightsDigest"];
  return (
    hashes.every((name) => isSha256(value[name])) &&
    typeof value["environmentClass"] === "string" &&
    (weights === undefined || isSha256(weights))
  );
}

/** Tells whether a value says which bytes a file of a run has. */
export function isManifestFile(value: unknown): value is ManifestFile {
  if (!isPlainObject(value)) return false;
  const { path, bytes, sha256 } = value;
  const isCount = typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0;
  return typeof path === "string" && isSafeRelativePath(path) && isCount && isSha256(sha256);
}
