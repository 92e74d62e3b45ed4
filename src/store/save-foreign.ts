/** Putting runs of other tools into the store. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import { jsonNumber } from "../core/number-text.ts";
import type { FileSystem } from "./file-system.ts";
import {
  damagedForeignFiles,
  foreignFile,
  foreignFormat,
  foreignKey,
  foreignRoot,
  readForeign,
  type ForeignRecord,
  type ForeignRow,
  type ForeignRun,
} from "./foreign-runs.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { numKeyDigits, runFiles } from "./run-layout.ts";
import { moveToTrash } from "./trash.ts";

/** What became of a run that is imported; an older version of it went to the trash. */
export type ForeignOutcome = "imported" | "present" | "replaced";

/**
 * Puts a foreign run into the store, durably.
 * @param now - When it is imported.
 * @returns `present` where it lies there already with the same content: then nothing is written.
 * @throws {ExpError} `store` where a link or a file stands in the place of its folder; `environment` for a full disk.
 */
export function saveForeign(
  files: FileSystem,
  store: string,
  { run, now }: { readonly run: ForeignRun; readonly now: Date },
): ForeignOutcome {
  const runKey = foreignKey(run);
  const { kind, place } = run.source;
  const folder = join(foreignRoot(store), `${kind}-${sha256(`${kind}\n${place}`).slice(0, 12)}`);
  const directory = join(folder, runKey.slice(0, numKeyDigits));
  const contents = contentsOf(run);
  const record = recordOf(run, { runKey, contents, imported: now.toISOString() });
  const before = files.status(directory) === undefined ? undefined : readForeign(files, directory);
  if (typeof before === "object" && isSame(files, directory, { before, record })) return "present";
  files.ensureRoot(store);
  files.ensureDirectory(foreignRoot(store));
  files.ensureDirectory(folder);
  const temporary = join(folder, `.new-${randomUUID()}`);
  writeRun(files, temporary, new Map([...contents, [foreignFile, prettyJson(record)]]));
  if (before !== undefined) {
    const reason = "exp import found other content under the same name";
    moveToTrash(files, store, { path: directory, reason, time: now.toISOString() });
  }
  const claimed = files.claim(temporary, directory);
  if (claimed !== "claimed") {
    files.removeTree(temporary);
    throw new ExpError("store", `${directory} was written by another process at the same time.`, {
      hint: "Import again.",
    });
  }
  files.syncUp(folder, store);
  return before === undefined ? "imported" : "replaced";
}

function isSame(
  files: FileSystem,
  directory: string,
  { before, record }: { readonly before: ForeignRecord; readonly record: JsonObject },
): boolean {
  const text = canonicalJson({ ...record, imported: before.imported });
  const path = join(directory, foreignFile);
  const stored = parseObject(files.readText(path) ?? "");
  return (
    stored !== undefined &&
    canonicalJson(stored) === text &&
    damagedForeignFiles(files, directory, before).length === 0
  );
}

function writeRun(
  files: FileSystem,
  temporary: string,
  contents: ReadonlyMap<string, string>,
): void {
  for (const folder of ["", "logs", "results"]) files.ensureDirectory(join(temporary, folder));
  for (const [path, text] of contents) files.writeFile(join(temporary, path), text, "bytes");
  files.syncBelow(temporary);
  files.syncUp(temporary, temporary); // the names in it, before it is taken for whole
}

function recordOf(
  { source, id, name, experiment, status, started, ended, tags }: ForeignRun,
  {
    runKey,
    contents,
    imported,
  }: {
    readonly runKey: string;
    readonly contents: ReadonlyMap<string, string>;
    readonly imported: string;
  },
): JsonObject {
  return {
    format: foreignFormat,
    runKey,
    source: { ...source },
    id,
    ...(name !== undefined && { name }),
    experiment,
    ...(status !== undefined && { status }),
    ...(started !== undefined && { started }),
    ...(ended !== undefined && { ended }),
    tags: [...tags],
    imported,
    files: Array.from(contents, ([path, text]) => ({ path, sha256: sha256(text) })),
  };
}

function contentsOf({ config, rows, results }: ForeignRun): ReadonlyMap<string, string> {
  const step = rows.at(-1)?.step;
  const metrics = numbersOf(results);
  return new Map([
    [runFiles.config, prettyJson(config)],
    [runFiles.metricsLog, rows.map(rowLine).join("")],
    [runFiles.metrics, prettyJson({ ...(step !== undefined && { step }), metrics })],
  ]);
}

/** In a row, `step` and `epoch` say where it stands: a metric of that name gets another. */
function rowLine({ step, epoch, values }: ForeignRow): string {
  const named = Array.from(values, ([name, value]) => [
    name === "step" || name === "epoch" ? `metric.${name}` : name,
    jsonNumber(value),
  ]);
  const place = { step, ...(epoch !== undefined && { epoch }) };
  return `${canonicalJson({ ...Object.fromEntries(named), ...place })}\n`;
}

function numbersOf(figures: ReadonlyMap<string, number>): JsonObject {
  return Object.fromEntries(Array.from(figures, ([name, value]) => [name, jsonNumber(value)]));
}
