/** Models with a config and made-up data, for benchmarks and comparisons: real training, without a data set to load. */
import type { TrainingConfig } from "../../schemas/training.ts";
import { placeTensors } from "../../src/backend/host-tensors.ts";
import { taskData } from "../../src/config/definition.ts";
import { createAmbientSeal } from "../../src/train/ambient-seal.ts";
import { initialParameters, prepareTraining, type TrainingSetup } from "../../src/train/setup.ts";
import { initialState, type TrainingState } from "../../src/train/state.ts";
import { training } from "../../src/train/task.ts";
import { createTrainingParts } from "../../src/train/training-parts.ts";
import { madeUpDataset, type MadeUpData } from "./made-up-data.ts";

/** A model, the sizes of its data, and its batches. */
export interface ModelCase {
  readonly name: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly data: MadeUpData;
  readonly batchSize: number;
}

interface TransformerSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly tokens: number;
  readonly vocabulary: number;
}

type TextCase = ModelCase & { readonly data: Extract<MadeUpData, { readonly kind: "tokens" }> };

function bert(name: string, sizes: TransformerSizes): TextCase {
  const { layers, width, heads, tokens, vocabulary } = sizes;
  return {
    name,
    model: {
      kind: "bert",
      numLayers: layers,
      hiddenSize: width,
      numHeads: heads,
      feedForwardSize: 4 * width,
      contextLength: tokens,
      dropoutRate: 0,
    },
    data: { kind: "tokens", sequenceLength: tokens, vocabSize: vocabulary, numClasses: 2 },
    batchSize: 16,
  };
}

function gpt(name: string, sizes: TransformerSizes, batchSize: number): ModelCase {
  const { model, data } = bert(name, sizes);
  const { sequenceLength, vocabSize } = data;
  return {
    name,
    model: { ...model, kind: "gpt" },
    data: { kind: "language", sequenceLength, vocabSize },
    batchSize,
  };
}

const digits = { data: { kind: "features", numFeatures: 784, numClasses: 10 } } as const;

/** Everything that `bench:train` measures. */
export const benchmarkCases: readonly ModelCase[] = [
  bert("bert-small", { layers: 2, width: 128, heads: 2, tokens: 64, vocabulary: 1_000 }),
  bert("bert-large", { layers: 4, width: 256, heads: 4, tokens: 128, vocabulary: 8_000 }),
  gpt("gpt", { layers: 4, width: 128, heads: 4, tokens: 64, vocabulary: 65 }, 12),
  {
    ...digits,
    name: "cnn",
    model: {
      kind: "cnn",
      image: { height: 28, width: 28, channels: 1 },
      stages: [
        { channels: 16, kernelSize: 3, padding: 1 },
        { channels: 32, kernelSize: 3, padding: 1 },
      ],
      hiddenSizes: [64],
    },
    batchSize: 32,
  },
  {
    ...digits,
    name: "mlp",
    model: { kind: "mlp", hiddenSizes: [256, 128], activation: "relu", dropoutRate: 0 },
    batchSize: 32,
  },
];

const small: TransformerSizes = { layers: 2, width: 32, heads: 4, tokens: 12, vocabulary: 50 };

/** Smaller ones, whose curves of 200 steps are compared with PyTorch's. */
export const comparedCases: readonly ModelCase[] = [
  bert("bert", small),
  { ...withModel("bert", { normalization: "pre", pooling: "mean" }), name: "bert, pre-norm" },
  gpt("gpt", small, 16),
  ...benchmarkCases.filter(({ name }) => name === "mlp"),
  {
    name: "cnn",
    model: {
      kind: "cnn",
      image: { height: 10, width: 9, channels: 2 },
      stages: [
        { channels: 6, kernelSize: 3, padding: 1 },
        { channels: 8, kernelSize: 2, stride: 1, pooling: "none" },
      ],
      hiddenSizes: [12],
    },
    data: { kind: "features", numFeatures: 180, numClasses: 5 },
    batchSize: 16,
  },
];

function withModel(kind: string, fields: Readonly<Record<string, unknown>>): ModelCase {
  const base = bert(kind, small);
  return { ...base, model: { ...base.model, ...fields } };
}

/** How a case is to be trained. */
export interface CaseOptions {
  readonly backend: string;
  readonly threads?: number;
  readonly numSteps: number;
  readonly learningRate?: number;
  readonly dropoutRate?: number;
  /** Fields of `training`. */
  readonly training?: Readonly<Record<string, unknown>>;
}

/** A case that is ready for its first step. */
export interface OpenedCase {
  readonly setup: TrainingSetup;
  readonly state: TrainingState;
}

/** Makes a case ready. */
export async function openCase(modelCase: ModelCase, options: CaseOptions): Promise<OpenedCase> {
  const config = configOf(modelCase, options);
  const seal = await createAmbientSeal(config);
  const dataset = madeUpDataset(modelCase.data);
  const parts = { ...createTrainingParts({}), loadDataset: () => Promise.resolve(dataset) };
  const { signal } = new AbortController();
  const inputs = { config, projectDirectory: "/", backend: options.backend, signal };
  const setup = await prepareTraining(inputs, parts, seal);
  const parameters = initialParameters(setup);
  // As the task does it: where the backend has them at hand.
  const placed = placeTensors(parameters);
  const slots = placeTensors(setup.optimizer.init(parameters));
  return { setup, state: initialState(placed.tensors, slots.tensors) };
}

function configOf(modelCase: ModelCase, options: CaseOptions): TrainingConfig {
  const { model, data, batchSize } = modelCase;
  const { threads, dropoutRate, numSteps, learningRate = 1e-3 } = options;
  return taskData(training)?.schema.parse({
    data: sourceOf(data),
    ...(data.kind === "tokens" && { tokenizer: { kind: "words" } }),
    model: { ...model, ...(dropoutRate !== undefined && { dropoutRate }) },
    optimizer: { kind: "adamw", learningRate },
    training: { numSteps, batchSize, ...options.training },
    ...(threads !== undefined && { threads }),
  }) as TrainingConfig;
}

/** Of the kind of data that the model takes; nothing is read of it. */
function sourceOf(data: MadeUpData): Readonly<Record<string, unknown>> {
  if (data.kind === "features") return { kind: "mnist" };
  const { sequenceLength } = data;
  if (data.kind === "tokens") return { kind: "spamAssassin", sequenceLength };
  return { kind: "characters", path: "made-up.txt", sequenceLength };
}
