/** `exp archive`: a finished run as one file, with all that is needed to look at it and to execute it again elsewhere. */
import type { KeyObject } from "node:crypto";
import { dirname } from "node:path";
import { canonicalJson } from "../../core/canonical-json.ts";
import { ExpError } from "../../core/errors.ts";
import { archivedStore } from "../../store/archive/archive-list.ts";
import { runFileList } from "../../store/archive/archived-files.ts";
import {
  writeArchive,
  type ArchivedFile,
  type WrittenArchive,
} from "../../store/archive/write-archive.ts";
import { createFileSystem, type FileSystem } from "../../store/file-system.ts";
import { prettyJson } from "../../store/json-file.ts";
import { damagedFiles } from "../../store/published-run.ts";
import { numKeyDigits, runFiles } from "../../store/run-layout.ts";
import { signText } from "../signing.ts";
import { secretPlaces, secretsInStoredCode } from "../secrets-in-code.ts";
import { refuseChangedCode } from "../verify/check-files.ts";
import type { StoredRun } from "../verify/stored-run.ts";
import { lockstepVersion } from "../version.ts";
import { archivedData } from "./archive-data.ts";

/** How a run is archived. */
export interface ArchiveOptions {
  /** The file, absolute; there must be none. */
  readonly target: string;
  /** Whether the files that the run read come along. */
  readonly hasData: boolean;
  readonly hasCheckpoints: boolean;
  /** Archive code that holds what looks like a token or a password. */
  readonly allowsSecrets?: boolean;
  /** Signs the archive. */
  readonly key?: KeyObject;
}

/** The archive of a run. */
export interface RunArchive extends WrittenArchive {
  /** Files of the run that are not in it, relative to the run. */
  readonly leftOut: readonly string[];
  /** Names of the files that the run read and that are not in it. */
  readonly missingData: readonly string[];
  /** Lines of its code that hold what looks like a token or a password, as `file:line`: none, unless they were allowed. */
  readonly secrets: readonly string[];
}

/**
 * Archives a finished run.
 * @throws {ExpError} `usage` where the file is there, or its folder is not; `store` for a damaged run; `config` where its code
 *   holds what looks like a secret; `data` where its data are not as it read them and shall come along.
 */
export async function archiveRun(stored: StoredRun, options: ArchiveOptions): Promise<RunArchive> {
  const { store, published, run } = stored;
  const { target, hasData, hasCheckpoints, key } = options;
  const files = createFileSystem();
  checkTarget(files, target);
  const [damage] = damagedFiles(files, published);
  if (damage !== undefined) {
    throw new ExpError("store", `${published.directory} is damaged: ${damage}.`, {
      hint: "Nothing was archived. exp fsck tells all that is wrong.",
    });
  }
  refuseChangedCode(stored);
  const listed = runFileList(files, store.directory, { run: published, hasCheckpoints });
  const secrets = secretsInStoredCode(files, listed.files, store.readCode(run.codeHash));
  if (secrets.length > 0 && options.allowsSecrets !== true) throw holdsSecrets(secrets);
  const data = hasData ? archivedData(stored) : { files: [], locations: [] };
  const archived = [...listed.files, ...data.files].map((file) => ({
    ...file,
    path: `${archivedStore}/${file.path}`,
  }));
  const written = await writeArchive(files, target, {
    list: {
      format: "lockstep/archive/1",
      runKey: run.runKey,
      experiment: run.name,
      lockstep: lockstepVersion(),
      data: data.locations,
      leftOut: listed.leftOut,
    },
    files: [...archived, ...leftOutNote(stored, listed.leftOut)],
    ...(key !== undefined && {
      sign: (list: string): string => `${canonicalJson(signText(list, key))}\n`,
    }),
  });
  const read = store.readDataList(run.dataHash) ?? [];
  const missingData = hasData ? [] : read.map(([file]) => file);
  return { ...written, leftOut: listed.leftOut, missingData, secrets };
}

function holdsSecrets(found: readonly string[]): ExpError {
  return new ExpError(
    "config",
    `${secretPlaces(found)}, in the code of the run; nothing was archived.`,
    {
      hint: "An archive is made to be passed on. Withdraw what stands there and run anew without it, or, where it is none, say --allow-secrets.",
    },
  );
}

/** An archive replaces nothing, and makes no folder. */
function checkTarget(files: FileSystem, target: string): void {
  if (files.status(target) !== undefined) {
    throw new ExpError("usage", `${target} exists already.`, {
      hint: "Name another file with --to, or remove that one first.",
    });
  }
  const folder = files.realPath(dirname(target));
  if (folder !== undefined && files.status(folder)?.kind === "directory") return;
  throw new ExpError("usage", `There is no folder ${dirname(target)} for the archive.`, {
    hint: "Make it first, or name a file in another folder with --to.",
  });
}

/** Says in the run itself which checkpoints are missing on purpose. */
function leftOutNote({ run }: StoredRun, leftOut: readonly string[]): readonly ArchivedFile[] {
  const checkpoints = leftOut.filter((path) => path.startsWith("checkpoints/"));
  if (checkpoints.length === 0) return [];
  const text = prettyJson({ format: "lockstep/left-out/1", files: checkpoints });
  const name = run.runKey.slice(0, numKeyDigits);
  return [{ path: `${archivedStore}/${name}/${runFiles.leftOut}`, text }];
}
