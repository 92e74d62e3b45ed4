/** A folder of runs with one finished run whose identities hold, for tests of archives. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { archiveRun } from "../../../../src/app/archive/archive-run.ts";
import { importArchive, type ImportOptions } from "../../../../src/app/archive/import-archive.ts";
import { findStoredRun, type StoredRun } from "../../../../src/app/verify/stored-run.ts";
import { canonicalJson } from "../../../../src/core/canonical-json.ts";
import { hashJson, sha256 } from "../../../../src/core/hash.ts";
import { runKey as runKeyOf } from "../../../../src/core/run-key.ts";
import { openStore } from "../../../../src/store/store.ts";
import {
  attemptOptions,
  begin,
  documents,
  runEvents,
  sampleCodeHash,
} from "../../store/sample-run.ts";
import { temporaryFolder } from "../../store/helpers.ts";

const codeHash = sampleCodeHash;
const points = "1\t2\n3\t4\n";
const dataList = [["points.tsv", sha256(points)]] as const;

/** A project with a finished run that read `data/points.tsv`. */
export function finishedRun({ scale = 1, source: text = "a" } = {}): StoredRun {
  const project = temporaryFolder();
  writeFileSync(join(project, "package.json"), "{}\n");
  mkdirSync(join(project, "data"));
  writeFileSync(join(project, "data/points.tsv"), points);
  const store = openStore(join(project, "runs"));
  const config = { seed: 1, data: { kind: "delimited", path: "data/points.tsv" } };
  const identity = { seed: 1, data: { kind: "delimited" } };
  const identityText = canonicalJson({ config: identity, format: "lockstep/config/1" });
  const parts = {
    configHash: sha256(identityText),
    codeHash,
    dataHash: hashJson(dataList),
    environmentClass: "wasm/2",
  };
  const identities = { ...parts, groupHash: sha256("group"), runKey: runKeyOf(parts) };
  store.saveDataList(dataList);
  const source = { path: "a.ts", text, sha256: sha256(text) };
  const code = { bundle: "b", packages: [], files: [{ path: "task.ts", text }], sources: [source] };
  const { sources } = store.saveCode(codeHash, code);
  const { digest } = store.packSnapshot(codeHash, {
    facts: { project: ".", file: "a.ts", code: ["a.ts"], packages: [], lockstep: null },
    files: [{ path: "a.ts", bytes: Buffer.from(text) }],
  });
  const snapshot = { digest, lockstep: { version: "0.1.0", integrity: null } };
  const options = attemptOptions(1, { identities, identityText, config, sources, snapshot });
  const attempt = begin(store, options);
  for (const event of runEvents(3, scale)) attempt.record(event);
  attempt.finish();
  attempt.publish(documents);
  return storedRun(project, identities.runKey);
}

/** The run of a project. */
export function storedRun(project: string, runKey: string): StoredRun {
  const runsDirectory = join(project, "runs");
  return findStoredRun({ name: runKey.slice(0, 16), runsDirectory, workingDirectory: project });
}

/** Archives a run in its own project and gives back the file. */
export async function archived(
  stored: StoredRun,
  options: Partial<Parameters<typeof archiveRun>[1]> = {},
): Promise<string> {
  const target = join(temporaryFolder(), "run.tar.gz");
  await archiveRun(stored, { target, hasData: false, hasCheckpoints: true, ...options });
  return target;
}

/** Imports a file into a new folder of runs, or the given one. */
export function imported(
  path: string,
  options: Partial<ImportOptions> = {},
): ReturnType<typeof importArchive> {
  const directory = join(temporaryFolder(), "runs");
  return importArchive({ path, directory, relocations: [], maxBytes: 1e9, ...options });
}
