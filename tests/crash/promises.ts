/** Whether a store keeps what it promised before a crash: read as any later process would read it. */
import { join } from "node:path";
import { canonicalJson } from "../../src/core/canonical-json.ts";
import { sha256 } from "../../src/core/hash.ts";
import type { FileOperations } from "../../src/store/file-operations.ts";
import { readCheckpoint } from "../../src/store/checkpoint-files.ts";
import { createFileSystem } from "../../src/store/file-system.ts";
import { readAttemptRecord } from "../../src/store/attempt-record.ts";
import { damagedFiles, inspectPublished } from "../../src/store/published-run.ts";
import { isSha256 } from "../../src/store/run-layout.ts";
import type { Finding } from "../../src/store/fsck-findings.ts";
import type { ProcessFacts } from "../../src/store/process-facts.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { attemptOptions, documents } from "../unit/store/sample-run.ts";
import { code, codeHash, dataList, diff, finishRun, type Promised } from "./workload.ts";

/** Who looks after the crash; whoever wrote before is dead for it. */
export const survivor: ProcessFacts = {
  pid: 2,
  processStart: "2",
  host: "simulated",
  bootId: "after",
  pidNamespace: "1",
  machine: "simulated",
};

/** Who writes before the crash. */
export const writer: ProcessFacts = { ...survivor, pid: 1, processStart: "1", bootId: "before" };

export const clock = (): Date => new Date("2026-01-02T03:04:05.678Z");

/** What the files of a run must hold after the crash. */
export type Expected = ReadonlyMap<string, string>;

/** Sentences about what is not as it was promised; none where all is well. */
export function brokenPromises(
  operations: FileOperations,
  promised: readonly Promised[],
  expected: Expected,
): readonly string[] {
  const files = createFileSystem(operations);
  const store = openStore("/project/runs", { files, process: survivor, clock });
  return [
    ...halfRuns(store, operations),
    ...promised.flatMap((promise) => broken(store, operations, promise) ?? []),
    ...(promised.some(({ kind }) => kind === "snapshot") ? [] : halfSnapshot(store, operations)),
    ...unlikeRuns(store, expected),
  ];
}

/** Everything that bears the name of a run is whole, to the last file. */
function halfRuns(store: Store, operations: FileOperations): readonly string[] {
  const { runs, damaged } = store.listPublished();
  const problems = [...damaged, ...tornConflicts(operations)].map(
    ({ directory, reason }) => `${directory}: ${reason}`,
  );
  const digestOf = (path: string): string => {
    try {
      return sha256(operations.read(path));
    } catch {
      return "missing";
    }
  };
  for (const { directory, manifest } of runs) {
    const record = readJson(operations, join(directory, "attempt.json"));
    const others = Array.isArray(record?.["others"]) ? record["others"] : undefined;
    if (others === undefined || others.length < 8)
      problems.push(`${directory}: attempt.json is torn`);
    for (const file of [...manifest.files, ...(others ?? [])] as { path: string; sha256: string }[])
      if (digestOf(join(directory, file.path)) !== file.sha256)
        problems.push(`${directory}: ${file.path} is torn`);
    problems.push(...tornCheckpoints(operations, directory));
    if (digestOf(join(directory, "REPRODUCE.md")) !== sha256(documents.reproduce))
      problems.push(`${directory}: REPRODUCE.md is torn`);
  }
  return problems;
}

function tornCheckpoints(operations: FileOperations, directory: string): readonly string[] {
  const folder = join(directory, "checkpoints");
  return operations.list(folder).flatMap((name) => {
    try {
      readCheckpoint(operations.read(join(folder, name)));
      return [];
    } catch (error) {
      return [`${directory}: ${name}: ${String(error)}`];
    }
  });
}

/** What is kept because it did not repeat is as whole as what is published. */
function tornConflicts(
  operations: FileOperations,
): readonly { directory: string; reason: string }[] {
  const root = "/project/runs/.conflicts";
  const files = createFileSystem(operations);
  return files.list(root).flatMap((key) =>
    files.list(join(root, key)).flatMap((number) => {
      const directory = join(root, key, number);
      const run = inspectPublished(files, directory);
      if (typeof run === "string") return [{ directory, reason: run }];
      const record = readAttemptRecord(files, directory);
      const others = record?.others ?? [];
      const facts = {
        directory,
        manifest: { ...run.manifest, files: [...run.manifest.files, ...others] },
      };
      if (others.length < 8) return [{ directory, reason: "no record" }];
      const torn = [...damagedFiles(files, facts), ...tornCheckpoints(operations, directory)];
      return torn.map((reason) => ({ directory, reason }));
    }),
  );
}

function readJson(operations: FileOperations, path: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(operations.read(path))) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function unlikeRuns(store: Store, expected: Expected): readonly string[] {
  return store.listPublished().runs.flatMap(({ runKey, manifest }) => {
    const isEqual = expected.get(runKey) === sha256(JSON.stringify(manifest));
    return isEqual ? [] : [`${runKey}: another result`];
  });
}

/** Code is there whole or not at all. */
function halfSnapshot(_store: Store, operations: FileOperations): readonly string[] {
  const folder = `/project/runs/.code/${codeHash}`;
  if (operations.status(folder) === undefined) return [];
  return operations.status(`${folder}/bundle.js`)?.numBytes === code.bundle.length
    ? []
    : ["the code is torn"];
}

function runKeyOf(seed: number): string {
  return attemptOptions(seed).identities.runKey;
}

function broken(store: Store, operations: FileOperations, promise: Promised): string | undefined {
  const isKept = keeps(store, operations, promise);
  return isKept ? undefined : `broken: ${JSON.stringify(promise)}`;
}

function keeps(store: Store, operations: FileOperations, promise: Promised): boolean {
  switch (promise.kind) {
    case "published":
      return store.findPublished(runKeyOf(promise.seed)) !== undefined;
    case "checkpoint":
      return hasCheckpoint(store, operations, promise);
    case "failure":
      return hasFailure(store, operations, promise);
    case "annotation": {
      const { annotations, damaged } = store.annotations(runKeyOf(promise.seed));
      return damaged.length === 0 && annotations.some(({ kind }) => kind === promise.said);
    }
    case "conflict":
      return hasConflict(operations, promise.seed);
    case "code":
      return hasCode(store, operations);
    case "data":
      return store.readDataList(sha256(JSON.stringify(dataList))) !== undefined;
    case "diff":
      return store.readDiff(codeHash, sha256(diff)) !== undefined;
    case "snapshot":
      return isSha256(promise.name.digest) && store.readSnapshot(promise.name) !== undefined;
  }
}

/** Attempts go when their run is published, and then their checkpoints are in it. */
function hasCheckpoint(
  store: Store,
  operations: FileOperations,
  { seed, step }: { seed: number; step: number },
): boolean {
  if (store.findPublished(runKeyOf(seed)) !== undefined) return true;
  return store.listAttempts(runKeyOf(seed)).some(({ directory, record }) => {
    const last = join(directory, "checkpoints", `step-${step}.safetensors`);
    const isThere = operations.status(last) !== undefined || step <= 2; // older ones are removed
    return record !== undefined && isThere && hasGivenFiles(operations, directory, seed);
  });
}

function hasFailure(
  store: Store,
  operations: FileOperations,
  { seed, attempt }: { seed: number; attempt: number },
): boolean {
  if (store.findPublished(runKeyOf(seed)) !== undefined) return true;
  const info = store.listAttempts(runKeyOf(seed)).find(({ number }) => number === attempt);
  const isFailed = info?.status.kind === "failed" && info.record?.endTime !== undefined;
  return isFailed && hasGivenFiles(operations, info.directory, seed);
}

function hasGivenFiles(operations: FileOperations, directory: string, seed: number): boolean {
  const { identityText, config, provenance, environment } = attemptOptions(seed);
  const expected = { identity: JSON.parse(identityText) as unknown, config, provenance };
  return Object.entries({ ...expected, environment: environment.facts }).every(
    ([name, value]) =>
      canonicalJson(readJson(operations, join(directory, `${name}.json`)) ?? null) ===
      canonicalJson(value),
  );
}

function hasConflict(operations: FileOperations, seed: number): boolean {
  const folder = `/project/runs/.conflicts/${runKeyOf(seed).slice(0, 16)}/1`;
  return (
    readJson(operations, `${folder}/manifest.json`) !== undefined &&
    readJson(operations, `${folder}/failure.json`)?.["code"] === "conflict" &&
    readJson(operations, `${folder}/attempt.json`)?.["endTime"] !== undefined
  );
}

function hasCode(store: Store, operations: FileOperations): boolean {
  const stored = store.readCode(codeHash);
  const sources = `/project/runs/.code/${codeHash}/sources`;
  if (stored === undefined || operations.status(sources) === undefined) return false;
  const [set = "none"] = operations.list(sources);
  const list: unknown = readJson(operations, `${sources}/${set}/.list.json`);
  const isWhole = ({ path, text }: { path: string; text: string }): boolean =>
    operations.status(`${sources}/${set}/${path}`)?.numBytes === text.length;
  return Array.isArray(list) && code.sources.every(isWhole);
}

/** Goes on with a run after the crash; sentences about what is not as if there had been none. */
export function unlikeUninterrupted(
  operations: FileOperations,
  promised: readonly Promised[],
  expected: Expected,
): readonly string[] {
  const files = createFileSystem(operations);
  const store = openStore("/project/runs", { files, process: survivor, clock });
  const problems: string[] = [];
  const wrong = store.check({ isRepairing: false }).findings;
  problems.push(
    ...wrong.flatMap(({ severity, message }) => (severity === "error" ? [message] : [])),
  );
  for (const seed of [1, 2]) {
    if (store.findPublished(runKeyOf(seed)) !== undefined) continue;
    const steps: number[] = [];
    const damaged = finishRun(store, seed, (promise) => {
      if (promise.kind === "checkpoint") steps.push(promise.step);
    });
    problems.push(...damaged);
    const saved = promised.flatMap((one) =>
      one.kind === "checkpoint" && one.seed === seed ? [one.step] : [],
    );
    const newest = Math.max(0, ...saved);
    if (steps.some((step) => step <= newest)) problems.push(`run ${seed} did step ${newest} again`);
  }
  store.check({ isRepairing: true });
  const left = store.check({ isRepairing: false }).findings;
  const isWrong = ({ severity, code: found }: Finding): boolean =>
    severity !== "note" && found !== "conflict" && found !== "missing-code";
  problems.push(...left.filter(isWrong).map(({ code: found, path }) => `${path}: ${found}`));
  return [...problems, ...unlikeRuns(store, expected)];
}
