/** Old runs of other tools, taken into the store to be looked at beside its own. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { foreignKey } from "../../store/foreign-runs.ts";
import { systemClock } from "../../store/process-facts.ts";
import { saveForeign, type ForeignOutcome } from "../../store/save-foreign.ts";
import type { ColumnChoice } from "./csv-columns.ts";
import { readCsvRuns, type FoundRuns } from "./csv.ts";
import { readTensorboardRuns } from "./tensorboard.ts";

/** Tools whose runs can be taken in. */
export const foreignKinds = ["csv", "tensorboard"] as const;

export type ForeignKind = (typeof foreignKinds)[number];

/** Tells whether a word names such a tool. */
export function isForeignKind(word: string): word is ForeignKind {
  return foreignKinds.some((kind) => kind === word);
}

/** What is taken from where. */
export interface ForeignRequest {
  readonly kind: ForeignKind;
  /** The file or folder, absolute. */
  readonly path: string;
  /** The folder of the runs, absolute. */
  readonly directory: string;
  readonly columns: ColumnChoice;
}

/** A run that was found, and what became of it. */
export interface ImportedForeign {
  /** First 16 digits of its key. */
  readonly name: string;
  readonly runKey: string;
  readonly id: string;
  readonly experiment: string;
  readonly outcome: ForeignOutcome;
}

/** All that was found. */
export interface ImportedForeigns {
  readonly runs: readonly ImportedForeign[];
  /** Sentences about what could not be read. */
  readonly warnings: readonly string[];
}

/**
 * Imports runs. All of the source is read before anything is written. The same place read again adds what is new, replaces
 * what changed (the older version goes to the trash) and leaves the rest as it is.
 * @throws {ExpError} `usage` where nothing is at the place; `data` where it cannot be read; as `saveForeign` else.
 */
export function importForeign({
  kind,
  path,
  directory,
  columns,
}: ForeignRequest): ImportedForeigns {
  const real = realPathOf(path, kind === "csv" ? "file" : "folder");
  const found: FoundRuns = kind === "csv" ? readCsvRuns(real, columns) : readTensorboardRuns(real);
  const files = createFileSystem();
  const source = { kind, place: placeOf(real, directory) };
  const runs = found.runs.map((one) => {
    const run = { ...one, source };
    const outcome = saveForeign(files, directory, { run, now: systemClock() });
    const runKey = foreignKey(run);
    return { name: runKey.slice(0, 16), runKey, id: run.id, experiment: run.experiment, outcome };
  });
  return { runs, warnings: found.warnings };
}

/** Beside the runs relative to their project, so that a project that moves still knows where its runs came from. */
function placeOf(real: string, directory: string): string {
  const folder = dirname(directory);
  const place = relative(existsSync(folder) ? realpathSync(folder) : folder, real);
  const isInside = place !== "" && !place.startsWith("..") && !isAbsolute(place);
  return isInside ? place.split(sep).join("/") : real;
}

function realPathOf(path: string, expected: "file" | "folder"): string {
  const found = statSync(path, { throwIfNoEntry: false });
  const isExpected = expected === "file" ? found?.isFile() : found?.isDirectory();
  if (isExpected === true) return realpathSync(path);
  const what = found === undefined ? "there is nothing" : `it is no ${expected}`;
  throw new ExpError("usage", `exp import: ${path}: ${what}; expected a ${expected}.`);
}
