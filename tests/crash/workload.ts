/**
 * Everything that the store does, once, in a known order; after each promise it tells a listener. The listener's list at
 * the moment of a crash is what must be found afterwards.
 */
import { sha256 } from "../../src/core/hash.ts";
import { ExpError, isExpError } from "../../src/core/errors.ts";
import type { RunEvent } from "../../src/core/run-events.ts";
import type { Attempt } from "../../src/store/attempt.ts";
import type { StoredCode } from "../../src/store/code-store.ts";
import type { SnapshotName } from "../../src/store/snapshot-store.ts";
import type { Store } from "../../src/store/store.ts";
import { attemptOptions, begin, documents, sampleCodeHash } from "../unit/store/sample-run.ts";

/** What the store has promised by coming back from a call. */
export type Promised =
  | { readonly kind: "published"; readonly seed: number }
  | { readonly kind: "checkpoint"; readonly seed: number; readonly step: number }
  | { readonly kind: "failure"; readonly seed: number; readonly attempt: number }
  | { readonly kind: "annotation"; readonly seed: number; readonly said: string }
  | { readonly kind: "conflict"; readonly seed: number }
  | { readonly kind: "code" | "data" | "diff" }
  | { readonly kind: "snapshot"; readonly name: SnapshotName };

export const code: StoredCode = {
  bundle: "b",
  packages: [],
  files: [{ path: "src/task.ts", text: "run" }],
  sources: [
    { path: "experiments/a.ts", text: "a", sha256: sha256("a") },
    { path: "b.ts", text: "b", sha256: sha256("b") },
  ],
};
export const codeHash = sampleCodeHash;
export const dataList = [["train.tsv", sha256("rows")]] as const;
export const diff = new TextEncoder().encode("--- a\n+++ b\n");

/** Steps of each run, and the one whose checkpoint is the best. */
const numSteps = 4;
const bestStep = 2;

/** A run whose checkpoints bear different names, with rows of all kinds before each. */
function stepsOf(scale = 1, firstStep = 1): readonly RunEvent[] {
  const steps: RunEvent[] = [];
  for (let step = firstStep; step <= numSteps; step++) {
    const names = step <= bestStep ? ["best", "last", `step-${step}`] : ["last", `step-${step}`];
    const values = Float32Array.of(step * scale, 2);
    steps.push(
      { kind: "trace", row: { step, loss: `${step * scale}` } },
      { kind: "metrics", step, epoch: 1, values: { "train.loss": scale / step } },
      { kind: "predictions", rows: [{ index: step }] },
      {
        kind: "checkpoint",
        names,
        step,
        tensors: new Map([["weight", { dtype: "F32", shape: [2], values }]]),
        state: { step },
        keep: 2,
      },
    );
  }
  return steps;
}

/** What a run ends with. */
function lastEvent(scale = 1): RunEvent {
  const metrics = { "validation.accuracy": scale };
  return { kind: "result", step: numSteps, metrics, details: {}, weightsDigest: sha256("weights") };
}

/** Records a run from a step on, telling of each checkpoint. */
export function recordRun(
  attempt: Attempt,
  { seed, scale = 1, firstStep = 1 }: { seed: number; scale?: number; firstStep?: number },
  tell: (promised: Promised) => void,
): void {
  for (const event of stepsOf(scale, firstStep)) {
    attempt.record(event);
    if (event.kind === "checkpoint") tell({ kind: "checkpoint", seed, step: event.step });
  }
  attempt.record({ kind: "artifact", name: "vocabulary", json: { words: ["a"] } });
  attempt.record(lastEvent(scale));
}

/** Begins a run, or goes on with it, and publishes it. */
export function finishRun(
  store: Store,
  seed: number,
  tell: (promised: Promised) => void = () => undefined,
): readonly string[] {
  const attempt = begin(store, attemptOptions(seed));
  return orFail(attempt, () => {
    const { point, leftOut } = attempt.resume();
    recordRun(attempt, { seed, firstStep: (point?.step ?? 0) + 1 }, tell);
    attempt.finish();
    attempt.publish(documents);
    tell({ kind: "published", seed });
    return leftOut;
  });
}

/** Ends the attempt as the command line does where the machine fails. */
function orFail<Result>(attempt: Attempt, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    if (isExpError(error)) attempt.fail(error);
    throw error;
  }
}

/** Does half of a run and fails, as a run that is interrupted does. */
export function stopRun(store: Store, seed: number, tell: (promised: Promised) => void): void {
  const attempt = begin(store, attemptOptions(seed));
  orFail(attempt, () => {
    for (const event of stepsOf().slice(0, 14)) {
      attempt.record(event);
      if (event.kind === "checkpoint") tell({ kind: "checkpoint", seed, step: event.step });
    }
  });
  attempt.fail(new ExpError("interrupted", "stopped"));
  tell({ kind: "failure", seed, attempt: attempt.number });
}

/** Executes a run once more; with another scale it comes to a conflict. */
export function repeatRun(store: Store, seed: number, scale: number): void {
  const attempt = begin(store, attemptOptions(seed, { isRepeat: true }));
  orFail(attempt, () => {
    recordRun(attempt, { seed, scale }, () => undefined);
    attempt.finish();
  });
  try {
    attempt.publish(documents);
  } catch (error) {
    attempt.fail(error);
    if (!isExpError(error) || error.code !== "conflict") throw error;
  }
}

/** One of everything. */
export function workload(store: Store, tell: (promised: Promised) => void): void {
  store.saveCode(codeHash, code);
  tell({ kind: "code" });
  store.saveDataList(dataList);
  tell({ kind: "data" });
  store.saveDiff(codeHash, diff);
  tell({ kind: "diff" });
  const files = [{ path: "src/run.ts", bytes: new TextEncoder().encode("run()") }];
  const name = store.saveSnapshot(codeHash, { facts: { project: "p" }, files });
  tell({ kind: "snapshot", name });
  finishRun(store, 1, tell);
  stopRun(store, 2, tell);
  finishRun(store, 2, tell);
  repeatRun(store, 1, 1);
  tell({ kind: "annotation", seed: 1, said: "duplicate" });
  repeatRun(store, 2, 3);
  tell({ kind: "conflict", seed: 2 });
  tell({ kind: "annotation", seed: 2, said: "conflict" });
  store.annotate({
    runKey: attemptOptions(1).identities.runKey,
    kind: "note",
    facts: { text: "x" },
  });
  tell({ kind: "annotation", seed: 1, said: "note" });
}
