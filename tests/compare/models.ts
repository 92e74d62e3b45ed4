/** Models with a config and made-up data, for benchmarks and comparisons: real training, without a data set to load. */
import type { TrainingConfig } from "../../schemas/training.ts";
import { taskData } from "../../src/config/definition.ts";
import type { Dataset, DatasetInput, Examples } from "../../src/data/dataset.ts";
import { createStreams } from "../../src/random/streams.ts";
import { fillNormal } from "../../src/random/samples.ts";
import { createAmbientSeal } from "../../src/train/ambient-seal.ts";
import { initialParameters, prepareTraining, type TrainingSetup } from "../../src/train/setup.ts";
import { initialState, type TrainingState } from "../../src/train/state.ts";
import { training } from "../../src/train/task.ts";
import { createTrainingParts } from "../../src/train/training-parts.ts";

/** A model, the sizes of its data, and its batches. */
export interface ModelCase {
  readonly name: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly data:
    | {
        readonly kind: "tokens";
        readonly sequenceLength: number;
        readonly vocabSize: number;
      }
    | { readonly kind: "features"; readonly numFeatures: number };
  readonly numClasses: number;
  readonly batchSize: number;
}

function bert(
  name: string,
  sizes: { layers: number; width: number; heads: number; tokens: number; vocabulary: number },
): ModelCase {
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
    data: { kind: "tokens", sequenceLength: tokens, vocabSize: vocabulary },
    numClasses: 2,
    batchSize: 16,
  };
}

const pixels = { kind: "features", numFeatures: 784 } as const;
const digits = { data: pixels, numClasses: 10 } as const;

/** Everything that `bench:train` measures. */
export const benchmarkCases: readonly ModelCase[] = [
  bert("bert-small", { layers: 2, width: 128, heads: 2, tokens: 64, vocabulary: 1_000 }),
  bert("bert-large", { layers: 4, width: 256, heads: 4, tokens: 128, vocabulary: 8_000 }),
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

/** Smaller ones, whose curves of 200 steps are compared with PyTorch's. */
export const comparedCases: readonly ModelCase[] = [
  bert("bert", { layers: 2, width: 32, heads: 4, tokens: 12, vocabulary: 50 }),
  { ...withModel("bert", { normalization: "pre", pooling: "mean" }), name: "bert, pre-norm" },
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
    data: { kind: "features", numFeatures: 180 },
    numClasses: 5,
    batchSize: 16,
  },
];

function withModel(kind: string, fields: Readonly<Record<string, unknown>>): ModelCase {
  const base = bert(kind, { layers: 2, width: 32, heads: 4, tokens: 12, vocabulary: 50 });
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
export async function openCase(
  modelCase: ModelCase,
  options: CaseOptions,
): Promise<{ readonly setup: TrainingSetup; readonly state: TrainingState }> {
  const config = configOf(modelCase, options);
  const seal = await createAmbientSeal(config);
  const dataset = madeUp(modelCase);
  const parts = { ...createTrainingParts({}), loadDataset: () => Promise.resolve(dataset) };
  const { signal } = new AbortController();
  const inputs = { config, projectDirectory: "/", backend: options.backend, signal };
  const setup = await prepareTraining(inputs, parts, seal);
  const parameters = initialParameters(setup);
  return { setup, state: initialState(parameters, setup.optimizer.init(parameters)) };
}

function configOf(modelCase: ModelCase, options: CaseOptions): TrainingConfig {
  const { model, data, batchSize } = modelCase;
  const { threads, dropoutRate, numSteps, learningRate = 1e-3 } = options;
  const isText = data.kind === "tokens";
  return taskData(training)?.schema.parse({
    data: isText
      ? { kind: "spamAssassin", sequenceLength: data.sequenceLength }
      : { kind: "mnist" },
    ...(isText && { tokenizer: { kind: "words" } }),
    model: { ...model, ...(dropoutRate !== undefined && { dropoutRate }) },
    optimizer: { kind: "adamw", learningRate },
    training: { numSteps, batchSize, ...options.training },
    ...(threads !== undefined && { threads }),
  }) as TrainingConfig;
}

const numExamples = 512;

/** Examples whose class shows in their content, so that a loss falls. */
function madeUp({ data, numClasses }: ModelCase): Dataset {
  const labels = Int32Array.from({ length: numExamples }, (_, index) => (index * 7) % numClasses);
  const digest = (index: number): string => String(index);
  const part: Examples =
    data.kind === "tokens"
      ? { size: numExamples, labels, digest, ...madeUpTokens(data, labels) }
      : { size: numExamples, labels, digest, features: madeUpFeatures(data.numFeatures, labels) };
  const input: DatasetInput =
    data.kind === "tokens" ? { ...data, padId: 0, vocabulary: [] } : { ...data };
  return {
    labels: Array.from({ length: numClasses }, (_, index) => `class ${index}`),
    parts: { train: part, validation: part, test: part },
    input,
    sharedInputs: {} as Dataset["sharedInputs"], // nothing here reads them
    facts: {},
  };
}

function madeUpTokens(
  { sequenceLength, vocabSize }: { sequenceLength: number; vocabSize: number },
  classes: Int32Array,
): Pick<Required<Examples>, "tokens" | "lengths"> {
  const lengths = Int32Array.from(
    classes,
    (_, index) => sequenceLength - ((index * 5) % Math.ceil(sequenceLength / 2)),
  );
  const tokens = new Int32Array(classes.length * sequenceLength);
  for (const [example, label] of classes.entries()) {
    for (let at = 0; at < (lengths[example] ?? 0); at++) {
      const noise = (example * 7_919 + at * 104_729 + at * at * 31) % (vocabSize - 4);
      tokens[example * sequenceLength + at] = at % 4 === 1 ? 2 + label : 4 + noise;
    }
  }
  return { tokens, lengths };
}

function madeUpFeatures(numFeatures: number, classes: Int32Array): Float32Array {
  const features = new Float32Array(classes.length * numFeatures);
  fillNormal(createStreams(17).stream("features"), features);
  for (const [example, label] of classes.entries()) {
    const at = example * numFeatures + ((label * 61) % numFeatures);
    features[at] = (features[at] ?? 0) + 4;
  }
  return features;
}
