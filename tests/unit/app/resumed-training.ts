/** Runs of the training task through a real store, cut wherever a test likes: what comes out is a manifest. */
import { appendFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { TrainingConfig } from "../../../schemas/training.ts";
import { runTask } from "../../../src/app/run-task.ts";
import { bernoulli, normal, uniform } from "../../../src/backend/operations-random.ts";
import { taskData } from "../../../src/config/definition.ts";
import { ExpError } from "../../../src/core/errors.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { defineDataSource } from "../../../src/data/data-source.ts";
import { mlpModel } from "../../../src/model/mlp.ts";
import { defineModel, type Mode } from "../../../src/model/model.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import type { Manifest } from "../../../src/store/manifest.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { training } from "../../../src/train/task.ts";
import { attemptOptions, begin } from "../store/sample-run.ts";
import { signs } from "../train/user-kinds.ts";
import { toyMembers } from "../train/toy.ts";

/** Pictures of 6 × 6: a bright pixel in the upper or in the lower half. */
const pictures = defineDataSource({
  kind: "pictures",
  schema: z.strictObject({
    kind: z.literal("pictures"),
    split: z.strictObject({ validation: z.number(), test: z.number(), seed: z.int() }),
  }),
  listFiles: async () => [],
  read: async () => ({
    content: "features",
    numFeatures: 36,
    labels: ["up", "down"],
    facts: {},
    parts: {
      train: Array.from({ length: 40 }, (_, index) => {
        const bright = (index * 7919) % 36;
        const features = Float32Array.from({ length: 36 }, (__, pixel) =>
          pixel === bright ? 1 : ((index * 31 + pixel * 17) % 13) / 26,
        );
        return {
          features,
          content: new TextEncoder().encode(`${index}`),
          label: bright < 18 ? "up" : "down",
        };
      }),
    },
  }),
});

/** Noise of a random width for each example, on about half of the values: a draw of every kind. */
function noiseOf(
  [size, width]: readonly [number, number],
  { streams, step, position }: Extract<Mode, { readonly kind: "train" }>,
): readonly number[] {
  const at = (name: string) => ({
    stream: streams.stream(`augmentation/${name}`),
    step,
    position,
  });
  const noise = normal([size, width], { ...at("noise"), standardDeviation: 0.1 }).dataSync();
  const mask = bernoulli([size, width], { ...at("mask"), probability: 0.5 }).dataSync();
  const scales = uniform([size], { ...at("scale"), from: 0.5, to: 1.5 }).dataSync();
  return Array.from(
    noise,
    (value, index) => value * (mask[index] ?? 0) * (scales[Math.floor(index / width)] ?? 0),
  );
}

/** The MLP on features with noise: from streams of ours in training, and from `Math.random` wherever that is allowed. */
const noisy = defineModel({
  kind: "noisy",
  schema: z.strictObject({ kind: z.literal("noisy"), isAmbient: z.boolean() }),
  build: ({ isAmbient }, facts) => {
    const mlp = mlpModel.build(
      { kind: "mlp", hiddenSizes: [5], activation: "gelu", dropoutRate: 0.2 },
      facts,
    );
    return {
      ...mlp,
      kind: "noisy",
      forward: (parameters, batch, mode) => {
        if (batch.kind !== "features") throw new Error("expected features");
        const { size, numFeatures, features } = batch;
        const noise = mode.kind === "train" ? noiseOf([size, numFeatures], mode) : undefined;
        const ambient = isAmbient ? Math.random() : 0;
        const augmented = features.map((value, index) => value + (noise?.[index] ?? 0) + ambient);
        return mlp.forward(parameters, { ...batch, size, features: augmented }, mode);
      },
    };
  },
});

const members = {
  dataSources: [...toyMembers.dataSources, pictures],
  models: [noisy],
  optimizers: [signs],
} as const;
const data = taskData(training.with(members));
const split = { validation: 0.25, test: 0.25, seed: 0 };

/** By name: data and model of a small run. */
export const smallModels: Readonly<Record<string, JsonObject>> = {
  mlp: { data: { kind: "points" }, model: { kind: "noisy", isAmbient: false } },
  cnn: {
    data: { kind: "pictures", split },
    model: {
      kind: "cnn",
      image: { height: 6, width: 6, channels: 1 },
      stages: [{ channels: 3, kernelSize: 3, padding: 1 }],
      hiddenSizes: [4],
    },
  },
  bert: {
    data: { kind: "sentences" },
    tokenizer: { kind: "words" },
    model: {
      kind: "bert",
      numLayers: 1,
      hiddenSize: 8,
      numHeads: 2,
      feedForwardSize: 8,
      contextLength: 8,
      dropoutRate: 0.1,
    },
  },
  gpt: {
    data: { kind: "characters", path: "text.txt", sequenceLength: 8 },
    model: {
      kind: "gpt",
      numLayers: 1,
      hiddenSize: 8,
      numHeads: 2,
      feedForwardSize: 8,
      contextLength: 8,
      dropoutRate: 0.1,
    },
    sampling: { prompt: "a", length: 6, numSamples: 1 },
    selection: { metric: "validation.loss", direction: "min" },
  },
};

/** What cuts a run. */
export interface Cut {
  /**
   * `kill` ends it with an event, `stop` asks it to end there, `tear` is a kill that leaves half a row behind; `pause` asks
   * it to end in a pause, between two passes of a step say.
   */
  readonly kind: "kill" | "stop" | "tear" | "pause";
  /** Number of the event, or of the pause since the first event; from 0. */
  readonly at: number;
}

/** What became of an execution. */
export interface Execution {
  /** Absent where it was cut. */
  readonly manifest: Manifest | undefined;
  readonly attempt: Attempt;
  readonly events: readonly RunEvent[];
  /** Turns of the event loop since the first event: in each, a run that waits for one pauses once. */
  readonly numPauses: number;
  readonly error: unknown;
}

/** A store in a folder of its own, whose files are not synced. */
export function temporaryStore(): { readonly store: Store; readonly remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lockstep-resume-")));
  writeFileSync(
    join(folder, "text.txt"),
    "the cat sat on the mat. a dog ran at a cat.\n".repeat(8),
  );
  const files = createFileSystem({ ...nodeFileOperations, sync: (): void => undefined });
  return {
    store: openStore(join(folder, "runs"), { files }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Executes a config as an attempt of one and the same run, until it ends or is cut. */
export async function execute(store: Store, input: JsonObject, cut?: Cut): Promise<Execution> {
  const config = data?.schema.parse(input) as TrainingConfig;
  const attempt = begin(store, attemptOptions());
  const controller = new AbortController();
  const events: RunEvent[] = [];
  let numPauses = 0;
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    if (cut?.kind === "pause" && numPauses === cut.at) controller.abort();
    numPauses++;
    setImmediate(turn);
  };
  const record = (event: RunEvent): void => {
    attempt.record(event);
    if (events.push(event) === 1) setImmediate(turn);
    if (cut === undefined || cut.kind === "pause" || events.length - 1 !== cut.at) return;
    if (cut.kind === "stop") controller.abort();
    else throw new ExpError("training", "killed");
  };
  const inputs = {
    config: config as unknown as JsonObject,
    projectDirectory: join(store.directory, ".."),
    backend: config.backend,
    signal: controller.signal,
  };
  try {
    await runTask({
      task: { name: "training", run: data?.run as never, sealsItself: true },
      inputs,
      runDirectory: attempt.directory,
      earlierAttempts: () => [],
      resume: (check) => attempt.resume(check),
      checkCode: async () => undefined,
      record,
    });
    const { manifest } = attempt.finish();
    return { manifest, attempt, events, numPauses, error: undefined };
  } catch (error) {
    attempt.fail(error);
    if (cut?.kind === "tear") appendFileSync(join(attempt.directory, "logs/trace.jsonl"), '{"st');
    return { manifest: undefined, attempt, events, numPauses, error };
  } finally {
    isOver = true;
  }
}
