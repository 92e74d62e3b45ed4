/** What a finished run was made from, written into a folder: its sources, config, lock file and uncommitted changes. */
import { existsSync, mkdirSync, readdirSync, readFileSync, cpSync, writeFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { lockFileNames } from "../../core/lock-file-names.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import { dockerfile } from "../../report/dockerfile.ts";
import type { SnapshotLayout } from "../../resolve/snapshot-files.ts";
import { isSafeRelativePath, runFiles } from "../../store/run-layout.ts";
import { relocationsOf } from "../archive/locations.ts";
import type { FrozenCode } from "../frozen-plan.ts";
import { fileStatus, readFileBytes } from "../run-files.ts";
import type { StoredRun } from "./stored-run.ts";

/** What was written; paths are relative to the folder. */
export interface CheckedOut {
  /** The project, and in it the experiment's module. */
  readonly project: string;
  readonly file: string;
  /** Data that came with an archive, where the config says. */
  readonly data: readonly string[];
  /** The files of the run that lie beside the sources. */
  readonly records: readonly string[];
}

/** Records of the run that go with its sources. */
const records: readonly string[] = [
  runFiles.config,
  runFiles.identity,
  runFiles.provenance,
  runFiles.environment,
  runFiles.uncommittedDiff,
  runFiles.reproduce,
];

/** Folder for the records of the run, beside its sources. */
const recordsFolder = ".run";

/**
 * Writes what a run was made from into a folder.
 * @param folder - Absolute; it must not exist, or be empty.
 * @throws {ExpError} `usage` for a folder that holds something; `store` where the code is gone or was changed.
 */
export function checkOut(stored: StoredRun, folder: string): CheckedOut {
  const { store, run, code, published } = stored;
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new ExpError("usage", `${folder} is not empty.`, {
      hint: "Name a folder that does not exist yet: nothing of yours is to be overwritten.",
    });
  }
  if (typeof code === "string") {
    throw new ExpError(
      "store",
      `The code of ${run.runKey.slice(0, 16)} cannot be written: ${code}.`,
    );
  }
  const { tree, facts } = store.readSnapshot({ codeHash: code.codeHash, digest: code.snapshot });
  const layout = facts as SnapshotLayout; // its digest holds, so it is what we wrote
  const { project, file } = layout;
  mkdirSync(folder, { recursive: true });
  cpSync(tree, folder, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
  const beside = join(folder, recordsFolder);
  mkdirSync(beside, { recursive: true });
  const present = records.filter(
    (name) => fileStatus(join(published.directory, name)) !== undefined,
  );
  for (const name of present) {
    writeFileSync(join(beside, name), readFileBytes(join(published.directory, name)));
  }
  const data = archivedData(stored);
  for (const { from, source } of data) {
    const place = join(folder, project, from);
    if (!existsSync(place)) cpSync(source, place, { recursive: true });
  }
  writeFileSync(join(beside, "Dockerfile"), dockerfileOf(stored, { folder, layout, code }));
  const packages = `${JSON.stringify(code.packages, null, 2)}\n`;
  writeFileSync(join(beside, "packages.json"), packages);
  return {
    project,
    file,
    data: data.map(({ from }) => posix.join(project, from)),
    records: [...present, "packages.json", "Dockerfile"].map((name) => `${recordsFolder}/${name}`),
  };
}

interface Copy {
  readonly folder: string;
  readonly layout: SnapshotLayout;
  readonly code: FrozenCode;
}

function dockerfileOf({ run, published }: StoredRun, { folder, layout, code }: Copy): string {
  const environment = objectIn(join(published.directory, runFiles.environment));
  const { node } = objectOf(environment["machine"]);
  const { packageManager } = objectIn(join(folder, layout.project, "package.json"));
  const lockFile = lockFileIn(folder, layout.project);
  const variables = Object.entries(objectOf(environment["variables"])).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return dockerfile({
    run: run.runKey.slice(0, 8),
    experiment: run.name,
    environmentClass: run.environmentClass,
    node: typeof node === "string" ? node : "",
    project: layout.project,
    packages: code.packages,
    lockstep: layout.lockstep,
    variables: Object.fromEntries(variables),
    ...(lockFile !== undefined && { lockFile }),
    ...(typeof packageManager === "string" && { packageManager }),
  });
}

/** The lock file of the project in the copy, or the nearest above it. */
function lockFileIn(folder: string, project: string): string | undefined {
  for (let place = project; ; place = posix.dirname(place)) {
    const name = lockFileNames.find((one) => existsSync(join(folder, place, one)));
    if (name !== undefined) return posix.join(place, name);
    if (place === ".") return undefined;
  }
}

function objectIn(path: string): JsonObject {
  return existsSync(path) ? objectOf(parseJson(readFileSync(path, "utf8"))) : {};
}

function objectOf(value: unknown): JsonObject {
  return isPlainObject(value) ? (value as JsonObject) : {}; // parsed JSON
}

/** Data that were archived with the run and lay in its project. */
function archivedData({ store, run }: StoredRun): readonly { from: string; source: string }[] {
  return relocationsOf(store, run.runKey)
    .filter(({ from, isInStore }) => isInStore && isSafeRelativePath(from))
    .map(({ from, to }) => ({ from, source: join(store.directory, to) }))
    .filter(({ source }) => existsSync(source));
}
