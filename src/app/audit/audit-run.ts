/** `exp audit`: reads what a finished run kept, and goes through the checklist. Executes nothing. */
import { basename, join } from "node:path";
import { hashJson } from "../../core/hash.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { damagedFiles, type PublishedRun } from "../../store/published-run.ts";
import type { Finding } from "../../store/fsck-findings.ts";
import { numKeyDigits, runFiles } from "../../store/run-layout.ts";
import { attestationsOf } from "../verify/attestation.ts";
import { findStoredRun, type StoredRun, type StoredRunRequest } from "../verify/stored-run.ts";
import { auditItems, type AuditFacts, type AuditItem } from "./audit-items.ts";

/** The checklist of a run. */
export interface Audit {
  readonly stored: StoredRun;
  readonly items: readonly AuditItem[];
  /** Nothing fails. */
  readonly isComplete: boolean;
}

/**
 * Audits a finished run: reads all of its files, and what was said about it.
 * @throws {ExpError} `usage` for a name that no run has; `store` for a directory that is no run.
 */
export function auditRun(request: StoredRunRequest): Audit {
  const stored = findStoredRun(request);
  const { store, published, run, code } = stored;
  const files = createFileSystem();
  const said = store.annotations(run.runKey).annotations;
  const kept = said.filter(({ kind }) => kind === "conflict").map(({ facts }) => facts["keptAt"]);
  const imported = said.find(({ kind }) => kind === "import");
  const paths = [
    ...published.manifest.files.map(({ path }) => path),
    runFiles.modelCard,
    runFiles.reproduce,
  ];
  const isThere = (path: string): boolean =>
    files.status(join(published.directory, path))?.kind === "file";
  const items = auditItems({
    name: run.runKey.slice(0, 8),
    config: run.config,
    manifest: published.manifest,
    environment: objectIn(published, runFiles.environment),
    record: objectIn(published, runFiles.attempt),
    code: typeof code === "string" ? code : code.packages,
    dataFiles: store.readDataList(run.dataHash)?.map(([name]) => name) ?? withoutData(stored),
    ...damageOf(stored),
    present: new Set(paths.filter(isThere)),
    attestations: attestationsOf(store, run.runKey),
    ...(imported !== undefined && { importedAt: imported.time }),
    numDuplicates: said.filter(({ kind }) => kind === "duplicate").length,
    conflicts: kept.filter((path) => typeof path === "string"),
  });
  return { stored, items, isComplete: items.every(({ status }) => status !== "fail") };
}

/** What `exp fsck` finds of the run, and of the code that it can be executed from. */
function damageOf({
  store,
  published,
  code,
}: StoredRun): Pick<AuditFacts, "damage" | "codeDamage"> {
  const findings = store
    .checkRun(published)
    .filter(({ code: kind, severity }) => kind !== "missing-code" && severity !== "note");
  const run = `${basename(published.directory)}/`;
  const ofRun = findings.filter(({ path }) => path.startsWith(run));
  const digest = typeof code === "string" ? "none" : code.snapshot.slice(0, numKeyDigits);
  // Beside its own there may be snapshots of the same code in other projects.
  const isOwn = (path: string): boolean => !path.includes("/snapshots/") || path.includes(digest);
  const ofCode = findings.filter(({ path }) => path.startsWith(".code/") && isOwn(path));
  const sentence = ({ path, message }: Finding): string =>
    `${path}: ${message.replace(/\.$/u, "")}`;
  const changed = damagedFiles(createFileSystem(), published);
  const whole = findings.filter(({ path }) => `${path}/` === run && changed.length === 0);
  return {
    damage: [
      ...changed,
      ...whole.map(({ message }) => message),
      ...ofRun.map((one) => sentence({ ...one, path: one.path.slice(run.length) })),
    ],
    codeDamage: ofCode.map(sentence),
  };
}

/** The data hash of a task that reads nothing is over an empty list, which nobody keeps. */
function withoutData({ run }: StoredRun): readonly string[] | undefined {
  return run.dataHash === hashJson([]) ? [] : undefined;
}

function objectIn({ directory }: PublishedRun, name: string): JsonObject {
  const path = join(directory, name);
  const files = createFileSystem();
  const text = files.status(path)?.kind === "file" ? files.readText(path) : undefined;
  const value = parseJson(text ?? "");
  return isPlainObject(value) ? (value as JsonObject) : {}; // parsed JSON
}
