/** Tiny data sets and runs of the training task on them, for the tests of this folder. */
import { z } from "zod";
import { taskData } from "../../../src/config/definition.ts";
import type { HostTensors, Metrics, RunEvent } from "../../../src/core/run-events.ts";
import { singleEvents } from "../../../src/core/single-events.ts";
import type { TrainedModel } from "../../../src/core/trained-model.ts";
import type { TrainingConfig } from "../../../schemas/training.ts";
import { defineDataSource } from "../../../src/data/data-source.ts";
import type { TrainingMembers } from "../../../src/train/members.ts";
import { training, type ConfigWith, type InputWith } from "../../../src/train/task.ts";
import { trainWith, type TrainingInputs } from "../../../src/train/run-training.ts";
import type { TrainingInput } from "../../../schemas/training.ts";

const split = z
  .strictObject({ validation: z.number(), test: z.number(), seed: z.int() })
  .default({ validation: 0.25, test: 0.25, seed: 0 });

/** Numbers 0, 1, 2, … of a fixed irregular sequence, each 0 … size − 1. */
function sequence(length: number, size: number): readonly number[] {
  return Array.from({ length }, (_, index) => ((index * 7919 + 104729) % 10007) % size);
}

/** Points in the plane: above or below a line. `spoiled` plants a NaN into every fifth. */
export const points = defineDataSource({
  kind: "points",
  schema: z.strictObject({
    kind: z.literal("points"),
    numExamples: z.int().default(64),
    spoiled: z.boolean().default(false),
    split,
  }),
  listFiles: async () => [],
  read: async ({ config }) => ({
    content: "features",
    numFeatures: 2,
    labels: ["below the line", "above"],
    facts: {},
    parts: {
      train: sequence(config.numExamples, 101).map((value, index) => {
        const [x, y] = [value / 50 - 1, ((index * 37) % 101) / 50 - 1];
        const isSpoiled = config.spoiled && index % 5 === 0;
        const features = new Float32Array([isSpoiled ? NaN : x, y]);
        const content = new TextEncoder().encode(`${index} ${x} ${y}`);
        return { features, content, label: y > x ? "above" : "below the line" };
      }),
    },
  }),
});

/** Short texts whose class is one of their words. */
const sentences = defineDataSource({
  kind: "sentences",
  schema: z.strictObject({
    kind: z.literal("sentences"),
    sequenceLength: z.int().default(6),
    split,
  }),
  listFiles: async () => [],
  read: async () => ({
    content: "text",
    facts: {},
    parts: {
      train: sequence(80, 26 * 26).map((value, index) => {
        const [a, b] = [value % 26, Math.floor(value / 26)];
        const word = index % 2 === 0 ? "good" : "bad";
        const text = `${String.fromCharCode(97 + a)} ${word} ${String.fromCharCode(97 + b)} ${index}`;
        return { text, label: word };
      }),
    },
  }),
});

export const toyMembers = { dataSources: [points, sentences] } as const;
export const toyTask = training.with(toyMembers);
type ToyInput = InputWith<TrainingInput, typeof toyMembers>;
export type ToyConfig = ConfigWith<TrainingConfig, typeof toyMembers>;

export const pointsInput: ToyInput = {
  backend: "cpu",
  data: { kind: "points" },
  model: { kind: "mlp", hiddenSizes: [4], activation: "tanh" },
  optimizer: { kind: "adamw", learningRate: 0.05 },
  training: { numEpochs: 2, batchSize: 8 },
};

export const sentencesInput: ToyInput = {
  backend: "cpu",
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
  optimizer: { kind: "adamw", learningRate: 0.01 },
  training: { numSteps: 3, batchSize: 16 },
};

/** A resolved config, as the schema of a task makes it. */
export function resolved<Config = ToyConfig>(input: unknown, task: object = toyTask): Config {
  return taskData(task)?.schema.parse(input) as Config;
}

export interface RunOptions {
  readonly members?: TrainingMembers;
  readonly backend?: string;
  readonly signal?: AbortSignal;
  readonly trained?: TrainedModel;
  readonly checkpoint?: TrainingInputs["checkpoint"];
  readonly mayTellLater?: TrainingInputs["mayTellLater"];
  readonly onEvent?: (event: RunEvent) => void;
}

/** What a run yielded, and what it threw at the end. */
export interface FinishedToy {
  readonly events: readonly RunEvent[];
  readonly error: unknown;
}

/** Runs a config to its end, good or bad. */
export async function runToy(input: unknown, options: RunOptions = {}): Promise<FinishedToy> {
  const { members = toyMembers, backend = "cpu", signal = new AbortController().signal } = options;
  const events: RunEvent[] = [];
  const config = resolved<TrainingConfig>(input, training.with(members));
  try {
    const { trained, checkpoint, mayTellLater } = options;
    const given = {
      ...(trained && { trained }),
      ...(checkpoint && { checkpoint }),
      ...(mayTellLater && { mayTellLater }),
    };
    const context = { config, projectDirectory: "/", backend, signal, ...given };
    for await (const event of trainWith(members, context)) {
      for (const each of singleEvents(event)) {
        events.push(each);
        options.onEvent?.(each);
      }
    }
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

type Kind = RunEvent["kind"];

/** The events of one kind. */
export function eventsOf<K extends Kind>(
  run: FinishedToy,
  kind: K,
): readonly Extract<RunEvent, { kind: K }>[] {
  return run.events.filter((event): event is Extract<RunEvent, { kind: K }> => event.kind === kind);
}

/** The last event of a run that finished. */
export function resultOf(run: FinishedToy): Extract<RunEvent, { kind: "result" }> {
  const [result] = eventsOf(run, "result");
  if (result === undefined) throw run.error instanceof Error ? run.error : new Error("no result");
  return result;
}

/** Rows of the trace without its header. */
export function traceOf(run: FinishedToy): readonly Readonly<Record<string, unknown>>[] {
  return eventsOf(run, "trace")
    .slice(1)
    .map(({ row }) => row);
}

/** The values of each metrics event. */
export function metricsOf(run: FinishedToy): readonly Metrics[] {
  return eventsOf(run, "metrics").map(({ values }) => values);
}

/** Bytes of tensors in a form that `toEqual` compares bit by bit. */
export function bitsOf(tensors: HostTensors): Record<string, string> {
  return Object.fromEntries(
    Array.from(tensors, ([name, { values }]) => [
      name,
      Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex"),
    ]),
  );
}
