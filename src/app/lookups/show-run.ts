/** One run with all that is known of it; or which run made a file of weights. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { readRuns, type IndexedRun } from "../../store/query/indexed-run.ts";
import { runFiles } from "../../store/run-layout.ts";
import { openStore } from "../../store/store.ts";
import { runsFolderOf } from "../runs-folder.ts";
import { attestationsOf, type Attestation } from "../verify/attestation.ts";
import { curvesOf, readHistory, type Curve } from "./curves.ts";
import { nameRun, newestOfExperiment, tryNameRun } from "./name-runs.ts";
import { lookUp, type Lookup, type LookupContext } from "./open-index.ts";

export interface ShownRun {
  /** Absolute. */
  readonly store: string;
  readonly run: IndexedRun;
  readonly curves: ReadonlyMap<string, Curve>;
  /** Rows of the log of metrics that cannot be read: of a run that was killed while it wrote one, say. */
  readonly leftOut?: LeftOutRows;
  readonly beside: Beside;
  /** Where a file was asked for: what it is of the run. */
  readonly file?: ShownFile;
  /** Other runs with the same file. */
  readonly others: readonly string[];
  /** Where an experiment was named: how many runs of it are older. */
  readonly numOlder?: number;
}

/** The end of a log that is no part of what is shown. */
export interface LeftOutRows {
  /** Relative to the run. */
  readonly path: string;
  /** The first line that cannot be read, from 1. */
  readonly line: number;
  readonly numCharacters: number;
}

/** What other executions of the run came to. */
export interface Beside {
  /** How often it came out the same again, to the bit. */
  readonly numDuplicates: number;
  /** Folders of those that came out otherwise, relative to the store. */
  readonly conflicts: readonly string[];
  /** Of `exp verify`, the oldest first. */
  readonly verifications: readonly {
    /** What was executed; absent where it was the whole run. */
    readonly part?: string;
    readonly verdict: string;
    /** ISO 8601, UTC. */
    readonly time: string;
    readonly signature: Attestation["signature"];
  }[];
}

export interface ShownFile {
  readonly sha256: string;
  /** The file of the run that has these bytes, relative to the run. */
  readonly path: string;
}

/**
 * The run of a name or of a file.
 * @param name - The first digits of a key, a run's folder, a file of a model, wherever it was copied to, or the name of an
 *   experiment, which means its newest run.
 * @throws {ExpError} `usage` where no run is meant.
 */
export function showRun(context: LookupContext, name: string): ShownRun {
  const { workingDirectory } = context;
  const runsDirectory = runsFolderOf(name, context.runsDirectory, workingDirectory);
  return lookUp(
    { ...context, runsDirectory },
    (lookup) => {
      const { run, ...found } = findRun(lookup, name, workingDirectory);
      const { store } = lookup;
      const { rows, leftOut } = readHistory(store, run.directory);
      // A process that is at work may be in the middle of a row.
      const isTold = leftOut !== undefined && run.status !== "running";
      return {
        store,
        run,
        curves: curvesOf(rows),
        ...(isTold && { leftOut: { path: runFiles.metricsLog, ...leftOut } }),
        beside: besideOf(store, run.runKey),
        ...found,
      };
    },
    ({ run }) => [run.name],
  );
}

function besideOf(directory: string, runKey: string): Beside {
  const store = openStore(directory);
  const { annotations } = store.annotations(runKey);
  const conflicts = annotations.flatMap(({ kind, facts }) =>
    kind === "conflict" && typeof facts["keptAt"] === "string" ? [facts["keptAt"]] : [],
  );
  return {
    numDuplicates: annotations.filter(({ kind }) => kind === "duplicate").length,
    conflicts,
    verifications: attestationsOf(store, runKey).map(({ statement, signature, part }) => {
      const { verdict, time } = statement;
      const said = { verdict: textOf(verdict), time: textOf(time), signature };
      return { ...said, ...(part !== undefined && { part }) };
    }),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

type Found = Pick<ShownRun, "run" | "file" | "others" | "numOlder">;

function findRun(lookup: Lookup, name: string, workingDirectory: string): Found {
  const path = resolve(workingDirectory, name);
  if (isFile(path)) return runOfFile(lookup, path, name);
  const named = tryNameRun(lookup, name, workingDirectory);
  if (named !== undefined) return { run: named, others: [] };
  const ofExperiment = newestOfExperiment(lookup, name);
  return ofExperiment === undefined
    ? { run: nameRun(lookup, name, workingDirectory), others: [] } // which says what a name is
    : { run: ofExperiment.newest, others: [], numOlder: ofExperiment.numOlder };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function runOfFile({ database, store }: Lookup, path: string, name: string): Found {
  const sha256 = digestOf(path);
  const rows = database.all(
    "SELECT f.run AS id, f.path AS path, r.name AS name FROM model_files f JOIN stored_runs r ON r.id = f.run WHERE f.sha256 = ? ORDER BY r.started, r.name, f.path",
    sha256,
  );
  const inside = relative(store, path).split(sep);
  const own = rows.find((row) => row["name"] === inside[0]) ?? rows[0];
  const [run] = readRuns(database, own === undefined ? [] : [Number(own["id"])]);
  if (run === undefined || own === undefined) {
    throw new ExpError(
      "usage",
      `No finished run in ${store} has a file with the bytes of ${name}.`,
      {
        hint: `Its SHA-256 is ${sha256}. A file that was written again, with other metadata say, has other bytes.`,
      },
    );
  }
  const names = new Set(rows.map((row) => String(row["name"])));
  names.delete(run.name);
  return { run, file: { sha256, path: String(own["path"]) }, others: [...names] };
}

const partSize = 1 << 20;

/** A file of weights may be larger than what one read can hold. */
function digestOf(path: string): string {
  const hash = createHash("sha256");
  const part = new Uint8Array(partSize);
  const descriptor = openSync(path, "r");
  try {
    for (let size = readSync(descriptor, part); size > 0; size = readSync(descriptor, part)) {
      hash.update(part.subarray(0, size));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}
