/** Stores of made-up finished runs, for measuring look-ups: their files are as the store writes them, but for weights. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../src/core/hash.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { prettyJson } from "../../src/store/json-file.ts";

/** Numbers in [0, 1) that are the same in every run of the benchmark. */
export function createDraws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const learningRates = [1e-4, 3e-4, 1e-3, 3e-3];
const kinds = ["adamw", "lion", "sgd"];
const sizes = [64, 128, 256];
const numRows = 10;
const started = Date.UTC(2026, 0, 1);

/** One made-up run: its directory's name, its files. */
export interface MadeUpRun {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The run of a number; the same number gives the same run. */
export function madeUpRun(number: number): MadeUpRun {
  const draw = createDraws(number * 7919 + 1);
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(draw() * values.length)] as Value;
  const config = configOf({
    seed: number % 5,
    kind: pick(kinds),
    learningRate: pick(learningRates),
    size: pick(sizes),
  });
  const rows = curve(draw, 0.5 + 0.49 * draw());
  const best = rows.reduce((one, other) => (accuracy(other) > accuracy(one) ? other : one));
  const { step: _, epoch: __, "train.loss": ___, ...figures } = best;
  const metrics = {
    ...figures,
    "test.accuracy": accuracy(best) - 0.01 * draw(),
    "test.loss": draw(),
  };
  const identity = prettyJson({
    format: "lockstep/config/1",
    task: { name: "training", version: 1 },
    config,
  });
  const log = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const runKey = sha256(`run ${number}`);
  const results = prettyJson({
    step: numRows * 50,
    metrics,
    details: {},
    weightsDigest: sha256(runKey),
  });
  const given = {
    "identity.json": identity,
    "logs/metrics.jsonl": log,
    "results/metrics.json": results,
  };
  return {
    name: runKey.slice(0, 16),
    files: {
      ...given,
      "config.json": prettyJson(config),
      "environment.json": prettyJson(environment(number)),
      "attempt.json": prettyJson(attempt(number, runKey)),
      "manifest.json": prettyJson(manifestOf(given, { runKey, identity })),
    },
  };
}

/** Writes runs `from` to `to` (excluded) into a store. */
export function writeMadeUpRuns(store: string, from: number, to: number): void {
  for (let number = from; number < to; number++) {
    const { name, files } = madeUpRun(number);
    for (const folder of ["logs", "results"])
      mkdirSync(join(store, name, folder), { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(store, name, path), text);
  }
}

type Row = Readonly<Record<string, number>>;

function accuracy(row: Row): number {
  return row["validation.accuracy"] ?? 0;
}

function curve(draw: () => number, end: number): readonly Row[] {
  return Array.from({ length: numRows }, (_, index) => {
    const value = Math.min(0.9999, end * (1 - 0.5 / (index + 1)) + 0.02 * draw());
    return {
      step: (index + 1) * 50,
      epoch: 1,
      "train.loss": 1.5 - value + 0.1 * draw(),
      "validation.accuracy": value,
      "validation.loss": 1.2 - value,
      "validation.f1": value - 0.01 * draw(),
      "validation.precision": value - 0.02 * draw(),
      "validation.recall": value - 0.02 * draw(),
    };
  });
}

interface Choices {
  readonly seed: number;
  readonly kind: string;
  readonly learningRate: number;
  readonly size: number;
}

function configOf({ seed, kind, learningRate, size }: Choices): JsonObject {
  return {
    ambientRandomness: "forbidden",
    backend: "auto",
    checkpointing: { interval: null, keep: 2 },
    data: {
      kind: "spamAssassin",
      maxSamples: null,
      sequenceLength: 32,
      split: { seed: 0, test: 0.1, validation: 0.1 },
    },
    description: "A made-up run.",
    logging: { interval: 10 },
    mode: "train",
    model: {
      contextLength: 128,
      dropoutRate: 0.1,
      feedForwardSize: 4 * size,
      hiddenSize: size,
      kind: "bert",
      normalization: "post",
      numHeads: 2,
      numLayers: 2,
      pooling: "mean",
    },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, kind, learningRate, weightDecay: 0.01 },
    schedule: { kind: "linear", warmupSteps: 45 },
    seed,
    selection: { direction: "max", metric: "validation.accuracy" },
    tags: seed === 0 ? ["first"] : [],
    tokenizer: { kind: "words", lowercase: true, minFrequency: 1, vocabSize: 8000 },
    training: {
      batchSize: 32,
      dropLastBatch: false,
      earlyStopping: null,
      evaluationInterval: 50,
      gradientAccumulationSteps: 1,
      labelSmoothing: 0,
      maxGradNorm: 1,
      numSteps: numRows * 50,
    },
  };
}

function environment(number: number): JsonObject {
  return {
    format: "lockstep/environment/1",
    environmentClass: "wasm/2",
    git: {
      kind: "repository",
      branch: number % 3 === 0 ? "main" : "wide",
      commit: sha256(`commit ${number % 40}`).slice(0, 40),
      isDirty: number % 4 === 0,
    },
  };
}

function attempt(number: number, runKey: string): JsonObject {
  const start = started + number * 60_000;
  return {
    format: "lockstep/attempt/1",
    id: `made-up-${number}`,
    number: 1,
    runKey,
    experiment: `experiment-${number % 20}`,
    pid: 1,
    processStart: null,
    host: "made-up",
    bootId: null,
    pidNamespace: null,
    startTime: new Date(start).toISOString(),
    endTime: new Date(start + 45_000).toISOString(),
    argv: [],
  };
}

function manifestOf(
  files: Readonly<Record<string, string>>,
  { runKey, identity }: { readonly runKey: string; readonly identity: string },
): JsonObject {
  const checkpoint = {
    path: "checkpoints/best.safetensors",
    bytes: 0,
    sha256: sha256(`weights ${runKey}`),
  };
  const listed = Object.entries(files).map(([path, text]) => {
    return { path, bytes: Buffer.byteLength(text), sha256: sha256(text) };
  });
  return {
    format: "lockstep/manifest/1",
    task: { name: "training", version: 1 },
    identities: {
      configHash: sha256(identity),
      groupHash: sha256(identity.replace(/"seed": \d+/gu, "")),
      codeHash: sha256("code"),
      dataHash: sha256("data"),
      environmentClass: "wasm/2",
      runKey,
      weightsDigest: sha256(runKey),
      traceDigest: sha256(`trace ${runKey}`),
    },
    files: [checkpoint, ...listed],
  };
}
