/** A run that is taken out, put back, taken out again and removed for good, on a disk with others; and looking after a crash. */
import { join } from "node:path";
import { sha256 } from "../../src/core/hash.ts";
import type { FileOperations } from "../../src/store/file-operations.ts";
import { createFileSystem } from "../../src/store/file-system.ts";
import type { ProcessFacts } from "../../src/store/process-facts.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { attemptOptions, begin, sampleKey } from "../unit/store/sample-run.ts";
import { brokenPromises, clock, survivor, writer, type Expected } from "./promises.ts";
import { createDisk, type SimulatedDisk } from "./simulated-disk.ts";
import { finishRun, repeatRun, stopRun, type Promised } from "./workload.ts";

const folder = "/project/runs";

/** What must be of the run that is removed: it is in the store, in the trash, or in either; or it may be gone. */
export type Whereabouts = "store" | "trash" | "either" | "gone";

/** Tells where the run must be from now on. */
export type Tell = (whereabouts: Whereabouts) => void;

/** The store on a disk, for a process that is there no more when the next one looks. */
export function storeOn(operations: FileOperations, process: ProcessFacts): Store {
  return openStore(folder, { files: createFileSystem(operations), process, clock });
}

/** All that changes a disk is on it. */
export function settled(
  disk: SimulatedDisk,
  options?: Parameters<typeof createDisk>[0],
): SimulatedDisk {
  return disk.afterPowerLoss(() => 0.4, options);
}

/**
 * Run 1 with a conflict, a failed repeat and sayings; run 2 beside it; and run 3, which can be gone on with from step 3,
 * and where an attempt that nobody needs any more has checkpoints too.
 */
export function disksOfRuns(): { readonly disk: SimulatedDisk; readonly promised: Promised[] } {
  const disk = createDisk();
  const store = storeOn(disk.operations, writer);
  const promised: Promised[] = [];
  const tell = (one: Promised): void => void promised.push(one);
  finishRun(store, 1);
  repeatRun(store, 1, 3);
  stopRepeat(store);
  store.annotate({ runKey: sampleKey(1), kind: "note", facts: { text: "good" } });
  finishRun(store, 2, tell);
  stopRun(store, 3, tell);
  const again = begin(store, attemptOptions(3));
  again.resume();
  again.fail(new Error("stopped"));
  return { disk: settled(disk), promised };
}

function stopRepeat(store: Store): void {
  const attempt = begin(store, attemptOptions(1, { isRepeat: true }));
  attempt.record({ kind: "metrics", step: 1, epoch: 1, values: { "train.loss": 1 } });
  attempt.fail(new Error("stopped"));
}

/** Takes a run out, puts it back, takes it out, and removes what nobody needs. */
export function removeAndRestore(store: Store, seed: number, tell: Tell): void {
  const removal = { runKey: sampleKey(seed), experiment: "bert-lr", reason: "exp rm" };
  tell("either");
  const entry = store.removeRun(removal);
  tell("trash");
  tell("either");
  store.restore(entry);
  tell("store");
  tell("either");
  store.removeRun(removal);
  tell("trash");
  tell("gone");
  store.collectGarbage({ olderThanMs: 0, isRemoving: true });
}

/** Every file of a run that lies in the store, with its digest; claims and numbers of attempts do not count. */
export function filesOfRun(operations: FileOperations, seed: number): readonly string[] {
  const name = sampleKey(seed).slice(0, 16);
  const attempts = operations.status(`${folder}/.attempts/${name}`) && `.attempts/${name}`;
  const numbers = attempts === undefined ? [] : operations.list(join(folder, attempts));
  const real = numbers
    .map((number) => `${attempts}/${number}`)
    .filter((path) => operations.status(join(folder, path, "identity.json")) !== undefined);
  return [name, `.conflicts/${name}`, `.annotations/${name}`, ...real]
    .flatMap((path) => filesBelow(operations, path))
    .map((line) => line.replace(/^(\.attempts\/[0-9a-f]{16})\/\d+/u, "$1/n"))
    .filter((line) => !line.includes("/heartbeat "))
    .toSorted();
}

function filesBelow(operations: FileOperations, path: string): readonly string[] {
  const place = join(folder, path);
  const kind = operations.status(place)?.kind;
  if (kind === undefined) return [];
  if (kind === "file") return [`${path} ${sha256(operations.read(place))}`];
  return operations.list(place).flatMap((child) => filesBelow(operations, `${path}/${child}`));
}

/** What a disk must hold after a crash. */
export interface Kept {
  /** Of the run that is removed. */
  readonly seed: number;
  readonly whereabouts: Whereabouts;
  readonly promised: readonly Promised[];
  readonly expected: Expected;
  /** Of the run that is removed. */
  readonly files: readonly string[];
  /** Whether run 3 is gone on with too. */
  readonly isRunAgain: boolean;
}

/** Sentences about what is lost, or half gone. */
export function wrongAfterRemoval(operations: FileOperations, kept: Kept): readonly string[] {
  const { seed, whereabouts, promised, expected, files, isRunAgain } = kept;
  const store = storeOn(operations, survivor);
  const isHere = store.findPublished(sampleKey(seed)) !== undefined;
  const problems = [...brokenPromises(operations, promised, expected)];
  const here = filesOfRun(operations, seed);
  if (isHere) problems.push(...differences(files, here));
  if (whereabouts === "trash" && here.length > 0) problems.push("what was removed is there again");
  if (whereabouts === "store" && here.length === 0) problems.push("what was put back is not there");
  for (const entry of store.trash()) store.restore(entry);
  const found = filesOfRun(operations, seed);
  const isGone = whereabouts === "gone" && found.length === 0;
  if (!isGone) problems.push(...differences(files, found));
  const errors = store.check({ isRepairing: false }).findings;
  problems.push(
    ...errors.flatMap(({ severity, path, message }) =>
      severity === "error" ? [`${path}: ${message}`] : [],
    ),
  );
  store.collectGarbage({ olderThanMs: 0, isRemoving: true });
  const left = operations.status(`${folder}/.trash`) ? operations.list(`${folder}/.trash`) : [];
  problems.push(...left.map((one) => `.trash/${one} stays for ever`));
  return isRunAgain ? [...problems, ...wrongRun(store, promised)] : problems;
}

function differences(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `lost: ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `new: ${line}`),
  ];
}

/** Sentences about run 3, which goes on from its newest checkpoint. */
export function wrongRun(store: Store, promised: readonly Promised[]): readonly string[] {
  const steps = promised.flatMap((one) =>
    one.kind === "checkpoint" && one.seed === 3 ? [one.step] : [],
  );
  const newest = Math.max(0, ...steps);
  if (store.findPublished(sampleKey(3)) !== undefined) return [];
  const again: number[] = [];
  const damaged = finishRun(store, 3, (one) => {
    if (one.kind === "checkpoint") again.push(one.step);
  });
  return [
    ...damaged,
    ...again.filter((step) => step <= newest).map((step) => `step ${step} was done again`),
  ];
}
