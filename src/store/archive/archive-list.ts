/** `archive.json`, the first file of an archive: which run it holds, and every byte of it by SHA-256. */
import { isPlainObject } from "../../core/json.ts";
import { parseObject, prettyJson } from "../json-file.ts";
import { isManifestFile, type ManifestFile } from "../manifest.ts";
import { isSafeRelativePath, isSha256, numKeyDigits } from "../run-layout.ts";

/** Names of the files at the top of an archive. */
export const archiveFiles = { list: "archive.json", signature: "archive.sig.json" } as const;

/** The folder of an archive that is a folder of runs with this one run. */
export const archivedStore = "runs";

/** A file or a folder that the config of a run names, and where its bytes are in the folder of the runs. */
export interface ArchivedLocation {
  /** As the config has it. */
  readonly from: string;
  /** Relative to the folder of the runs, with forward slashes. */
  readonly to: string;
}

/** What an archive holds. */
export interface ArchiveList {
  readonly format: "lockstep/archive/1";
  readonly runKey: string;
  readonly experiment: string;
  /** The Lockstep that wrote it. */
  readonly lockstep: string;
  /** Whether `archive.sig.json` follows: taking a signature away is noticed. */
  readonly isSigned: boolean;
  /** Data that came along; empty where they did not. */
  readonly data: readonly ArchivedLocation[];
  /** Files of the run that did not come along, relative to it. */
  readonly leftOut: readonly string[];
  /** All other files of the archive, by paths in it, in the order in which they follow. */
  readonly files: readonly ManifestFile[];
}

/** More files than any run has. */
const maxFiles = 200_000;

/** The bytes of `archive.json`. */
export function formatArchiveList(list: ArchiveList): string {
  return prettyJson(list);
}

/** The list in a text, or a sentence that says what is wrong with it. */
export function parseArchiveList(text: string): ArchiveList | string {
  const fields = parseObject(text);
  if (fields === undefined) return "archive.json is not a JSON object";
  const { format, runKey, experiment, lockstep, isSigned, data, leftOut, files } = fields;
  if (format !== "lockstep/archive/1") {
    return `the format of archive.json is ${JSON.stringify(format)}, expected "lockstep/archive/1"`;
  }
  if (!isSha256(runKey)) return "archive.json names no run key";
  if (typeof experiment !== "string" || typeof lockstep !== "string")
    return "archive.json does not say which experiment it is of";
  if (typeof isSigned !== "boolean") return "archive.json does not say whether it is signed";
  if (!Array.isArray(files) || !files.every(isManifestFile))
    return "its list of files is broken, or names a file outside of the archive";
  if (files.length > maxFiles) return `it lists more than ${maxFiles} files`;
  if (!Array.isArray(data) || !data.every(isLocation)) return "its list of data is broken";
  if (!isTexts(leftOut) || !leftOut.every(isSafeRelativePath))
    return "its list of what was left out is broken";
  const problem = pathProblem(files, runKey);
  if (problem !== undefined) return problem;
  return { format, runKey, experiment, lockstep, isSigned, data, leftOut, files };
}

/** Every file once, and none where nothing of this run belongs. */
function pathProblem(files: readonly ManifestFile[], runKey: string): string | undefined {
  const name = runKey.slice(0, numKeyDigits);
  const places = [
    `${archivedStore}/${name}/`,
    `${archivedStore}/.annotations/${name}/`,
    `${archivedStore}/.code/`,
    `${archivedStore}/.data/`,
  ];
  const seen = new Set<string>();
  for (const { path } of files) {
    // Two names that some file systems take for one would be written over each other.
    const folded = path.normalize("NFC").toLowerCase();
    if (seen.has(folded)) return `it lists ${JSON.stringify(path)} twice`;
    seen.add(folded);
    if (!places.some((place) => path.startsWith(place)))
      return `it lists ${JSON.stringify(path)}, which is nothing of the run`;
  }
  for (const path of seen) {
    const parts = path.split("/");
    const above = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
    if (above.some((folder) => seen.has(folder)))
      return `it lists ${JSON.stringify(path)} below a file`;
  }
  return undefined;
}

function isLocation(value: unknown): value is ArchivedLocation {
  if (!isPlainObject(value)) return false;
  const { from, to } = value;
  const isPlace = typeof to === "string" && isSafeRelativePath(to) && to.startsWith(".data/");
  return typeof from === "string" && isPlace;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
