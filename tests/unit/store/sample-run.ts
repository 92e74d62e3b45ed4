/** A small run for tests: its facts, its events, and how it is driven. Knows nothing of vitest: child processes use it. */
import { codeHashOf } from "../../../src/core/code-hash.ts";
import { sha256 } from "../../../src/core/hash.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { runKey } from "../../../src/core/run-key.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import type { AttemptOptions } from "../../../src/store/begin-attempt.ts";
import type { Store } from "../../../src/store/store.ts";

/** Bytes of `identity.json` of the run with a seed. */
function identityTextOf(seed: number): string {
  return `{"config":{"seed":${seed}},"format":"lockstep/config/1"}`;
}

/** Of the program `b`, which reaches no package. */
export const sampleCodeHash = codeHashOf([sha256("b")], []);

const shared = { codeHash: sampleCodeHash, dataHash: sha256("data"), environmentClass: "wasm/1" };

/** The key of the run with a seed. */
export function sampleKey(seed: number): string {
  return runKey({ ...shared, configHash: sha256(identityTextOf(seed)) });
}

export function attemptOptions(seed = 1, changes: Partial<AttemptOptions> = {}): AttemptOptions {
  const identityText = identityTextOf(seed);
  return {
    experiment: "bert-lr",
    task: { name: "training", version: 1 },
    identities: {
      ...shared,
      configHash: sha256(identityText),
      groupHash: sha256("group"),
      runKey: sampleKey(seed),
    },
    identityText,
    config: { seed, model: { kind: "mlp" } },
    provenance: { seed: "experiments/a.ts:1:2" },
    environment: { facts: { platform: "linux" }, uncommittedDiff: new Uint8Array() },
    argv: ["experiments/a.ts", `seed=${seed}`],
    logInterval: 2,
    ...changes,
  };
}

/** A short run: `numSteps` steps with an evaluation and a checkpoint after each. */
export function runEvents(numSteps = 3, scale = 1): readonly RunEvent[] {
  const events: RunEvent[] = [
    { kind: "ready", numSteps, numParameters: 4, facts: { numTrain: 8 } },
    { kind: "trace", row: { format: "lockstep/trace/2", tensors: ["weight"] } },
  ];
  for (let step = 1; step <= numSteps; step++) events.push(...stepEvents(step, numSteps, scale));
  return [
    ...events,
    { kind: "predictions", rows: [{ index: 0, label: "spam" }] },
    { kind: "predictions", rows: [{ index: 1, label: "ham" }] },
    {
      kind: "result",
      step: numSteps,
      metrics: { "validation.accuracy": 0.5, "test.accuracy": 0.1 + 0.2 },
      details: { bestStep: numSteps },
      weightsDigest: sha256(`weights ${numSteps} ${scale}`),
    },
  ];
}

function stepEvents(step: number, numSteps: number, scale: number): RunEvent[] {
  const values = Float32Array.from([step * scale, 2, 3, 4]);
  return [
    { kind: "progress", phase: "training", step, numSteps, epoch: 1, loss: 1 / step },
    { kind: "trace", row: { step, loss: `${step * scale}` } },
    { kind: "metrics", step, epoch: 1, values: { "train.loss": scale / step } },
    {
      kind: "checkpoint",
      names: ["last", "best", `step-${String(step).padStart(6, "0")}`],
      step,
      tensors: new Map([["weight", { dtype: "F32", shape: [2, 2], values }]]),
      state: { step, epoch: 1 },
      keep: 2,
    },
  ];
}

export const documents = { modelCard: "# Card\n", reproduce: "# Reproduce\n" };

export function begin(store: Store, options: AttemptOptions): Attempt {
  const begun = store.beginAttempt(options);
  if (begun.kind !== "started") throw new Error(`expected an attempt, found ${begun.kind}`);
  return begun.attempt;
}

/** Begins, records and publishes a whole run. */
export function publishRun(store: Store, seed = 1, events = runEvents()): string {
  const attempt = begin(store, attemptOptions(seed));
  for (const event of events) attempt.record(event);
  attempt.finish();
  return attempt.publish(documents).run.directory;
}
