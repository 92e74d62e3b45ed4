/**
 * Runs that train nothing: `mode=evaluate` measures validation and test part with the parameters of a checkpoint,
 * `mode=predict` classifies examples with them. Both compute what the training run computed, bit for bit.
 */
import { setImmediate } from "node:timers/promises";
import type { TrainingConfig } from "../../schemas/training.ts";
import { chooseBackend } from "../backend/choose.ts";
import { prepareBackend } from "../backend/prepare.ts";
import { ExpError, InternalError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import type { RunInputs } from "../core/task.ts";
import type { Dataset, Examples } from "../data/dataset.ts";
import { createStreams, seedsByPurpose } from "../random/streams.ts";
import { createAmbientSeal, type AmbientSeal } from "./ambient-seal.ts";
import { evaluatePart, type Evaluation, type MeasuredPart } from "./evaluate.ts";
import { measuredLine, measuringLines, predictedLine } from "./log-lines.ts";
import type { TrainingMembers } from "./members.ts";
import { metricLabels } from "./metrics.ts";
import { holdOwnBackend } from "./own-backend.ts";
import { predictExamples } from "./predict.ts";
import { partDetails, predictionRows, sampleEvents, weightsDigest } from "./results.ts";
import { checkSampling, defaultSampling, writeSamples } from "./sample.ts";
import { countParameters } from "./setup.ts";
import { openNetwork, type TrainedNetwork } from "./trained-network.ts";
import { refuseTrainedOn } from "./trained-on.ts";
import { createTrainingParts, type TrainingParts } from "./training-parts.ts";

/** A trained model with what it is to be used on. */
export interface Measuring {
  readonly context: RunInputs<TrainingConfig>;
  readonly parts: TrainingParts;
  readonly seal: AmbientSeal;
  readonly network: TrainedNetwork;
}

/**
 * Evaluates or predicts, as `context.config.mode` says.
 * @throws {ExpError} `config`, `data`, `store` or `environment` where checkpoint, config and data do not fit each other;
 *   `interrupted` when `context.signal` is aborted.
 */
export async function* measureWith(
  members: TrainingMembers,
  context: RunInputs<TrainingConfig>,
): AsyncGenerator<RunEvent, void, undefined> {
  const own = holdOwnBackend(context.backend, await createAmbientSeal(context.config));
  try {
    const measuring = await openMeasuring(members, context, own.seal);
    yield* context.config.mode === "predict" ? predict(measuring) : evaluate(measuring);
  } finally {
    own.release();
  }
}

/**
 * Prepares the backend and puts the model together.
 * @throws {ExpError} as `measureWith` does, but for the data.
 */
export async function openMeasuring(
  members: TrainingMembers,
  context: RunInputs<TrainingConfig>,
  seal: AmbientSeal,
): Promise<Measuring> {
  const { config, trained } = context;
  if (trained === undefined) {
    throw new ExpError("config", `mode=${config.mode} needs a trained model.`, {
      issues: [{ path: ["checkpoint"], message: "must name a run or a .safetensors file" }],
    });
  }
  await prepareBackend(chooseBackend(context.backend).backend, { threads: config.threads });
  const parts = createTrainingParts(members);
  const network = seal.run(() => openNetwork(config, trained, parts.createModel));
  return { context, parts, seal, network };
}

/** The examples that a run will look at, by the name of their part. */
export async function examplesOf(
  measuring: Measuring,
): Promise<readonly { readonly name: string; readonly size: number }[]> {
  const { context, seal, network } = measuring;
  const { config } = context;
  if (config.mode === "predict" && network.fitted.input.kind === "language") {
    checkSampling(config.sampling ?? defaultSampling, network.fitted.input);
    return [{ name: "written", size: (config.sampling ?? defaultSampling).numSamples }];
  }
  if (config.mode === "predict") {
    const { examples } = await seal.load(() => examplesToPredict(measuring));
    return [{ name: "given", size: examples.size }];
  }
  const { parts } = await seal.load(() => loadMeasured(measuring));
  return (["validation", "test"] as const).map((name) => ({ name, size: parts[name].size }));
}

/** The data of the config as the model reads it; it must not measure what it was trained on. */
async function loadMeasured({ context, parts, network }: Measuring): Promise<Dataset> {
  const { config, projectDirectory, trained } = context;
  const dataset = await parts.loadDataset(config, projectDirectory, network.fitted);
  const { data } = config;
  const { trainedOn } = network;
  refuseTrainedOn({ parts: dataset.parts, data, name: trained?.name ?? "", trainedOn });
  return dataset;
}

async function* evaluate(measuring: Measuring): AsyncGenerator<RunEvent, void, undefined> {
  const { network, seal } = measuring;
  const dataset = await seal.load(() => loadMeasured(measuring));
  yield* opening(measuring, dataset.facts);
  const validation = yield* measure(measuring, dataset, "validation");
  const hasTest = dataset.parts.test.size > 0;
  const test = hasTest ? yield* measure(measuring, dataset, "test") : undefined;
  const metrics = { ...validation.values, ...test?.values };
  const { step } = network;
  yield { kind: "metrics", step, epoch: 0, values: metrics };
  yield { kind: "log", level: "info", text: measuredLine(step, metrics) };
  if (test?.kind === "classes") {
    yield { kind: "predictions", rows: predictionRows(dataset.labels, dataset.parts.test, test) };
  }
  const measured = test === undefined ? [validation] : [validation, test];
  const details = Object.fromEntries(
    measured.map((each) => [each.part, partDetails(dataset.labels, each)]),
  );
  yield result(network, metrics, details);
}

async function* measure(
  measuring: Measuring,
  dataset: Dataset,
  part: MeasuredPart,
): AsyncGenerator<RunEvent, Evaluation, undefined> {
  const { context, network } = measuring;
  const { batchSize } = context.config.training;
  const { model, numClasses, parameters } = network;
  const labelNames = metricLabels(dataset.labels);
  const setup = { dataset, model, numClasses, labelNames, plan: { batchSize } };
  const name = context.trained?.name ?? "";
  const failure = (what: string): ExpError =>
    new ExpError("training", `With the checkpoint ${name}, ${what}.`);
  const numChunks = Math.ceil(dataset.parts[part].size / batchSize);
  return yield* inPieces(measuring, evaluatePart(setup, { part, parameters, failure }), numChunks);
}

async function* predict(measuring: Measuring): AsyncGenerator<RunEvent, void, undefined> {
  const { context, seal, network } = measuring;
  if (network.fitted.input.kind === "language") return yield* write(measuring);
  const { examples, facts } = await seal.load(() => examplesToPredict(measuring));
  yield* opening(measuring, facts);
  const { batchSize } = context.config.training;
  const predictor = { ...network, input: network.fitted.input, batchSize };
  const numChunks = Math.ceil(examples.size / batchSize);
  const pieces = predictExamples(predictor, examples);
  const predictions = yield* inPieces(measuring, pieces, numChunks);
  const { labels } = network.fitted;
  yield { kind: "log", level: "info", text: predictedLine(labels, predictions.predicted) };
  yield { kind: "predictions", rows: predictionRows(labels, examples, predictions) };
  yield result(network, {}, { numExamples: examples.size });
}

/** What a model of language predicts is text: that of `sampling`, by its defaults where the config has none. */
async function* write(measuring: Measuring): AsyncGenerator<RunEvent, void, undefined> {
  const { context, network } = measuring;
  const { config } = context;
  const { input } = network.fitted;
  if (input.kind !== "language") throw new InternalError("a model of classes writes no text");
  const sampling = config.sampling ?? defaultSampling;
  yield* opening(measuring, { kind: config.data.kind, language: { vocabSize: input.vocabSize } });
  const stream = createStreams(config.seed, seedsByPurpose(config.seeds)).stream("sampling");
  const pieces = writeSamples({ ...network, input }, sampling, stream);
  const rows = yield* inPieces(measuring, pieces, sampling.numSamples * sampling.length);
  yield* sampleEvents(rows);
  yield result(network, {}, { numSamples: rows.length });
}

/** Those of `data.predict`; where the config names none, the test part. */
async function examplesToPredict(
  measuring: Measuring,
): Promise<{ readonly examples: Examples; readonly facts: JsonObject }> {
  const { context, parts, network } = measuring;
  const { config, projectDirectory } = context;
  const { fitted } = network;
  const given = await parts.loadUnlabelled(config, projectDirectory, fitted);
  if (given !== undefined) {
    const { input } = fitted;
    const text = input.kind === "tokens" ? { text: { vocabSize: input.vocabSize } } : {};
    const facts = { kind: config.data.kind, numExamples: { predict: given.size }, ...text };
    return { examples: given, facts };
  }
  const dataset = await loadMeasured(measuring);
  const examples = dataset.parts.test;
  if (examples.size > 0) return { examples, facts: dataset.facts };
  throw new ExpError("data", "There is nothing to predict: the test part is empty.", {
    hint: "Name a file of examples in data.predict, or give data.split.test a share.",
  });
}

function* opening(
  { context, network }: Measuring,
  facts: JsonObject,
): Generator<RunEvent, void, undefined> {
  const { model, step, parameters } = network;
  const name = context.trained?.name ?? "";
  const checkpoint = { name, step, parametersDigest: weightsDigest(parameters) };
  const numParameters = countParameters(model);
  yield { kind: "ready", numSteps: 0, numParameters, facts: { ...facts, checkpoint } };
  for (const text of measuringLines(name, network)) yield { kind: "log", level: "info", text };
}

/** Each piece is computed inside the seal; progress is told outside, and an abort is looked at between two. */
async function* inPieces<Result>(
  { context, seal }: Measuring,
  pieces: Generator<number, Result, undefined>,
  numPieces: number,
): AsyncGenerator<RunEvent, Result, undefined> {
  try {
    for (let done = 1; ; done++) {
      const piece = seal.run(() => pieces.next());
      if (piece.done === true) return piece.value;
      const progress = { step: done, numSteps: numPieces, epoch: 0, loss: piece.value };
      yield { kind: "progress", phase: "evaluation", ...progress };
      await setImmediate();
      if (!context.signal.aborted) continue;
      throw new ExpError("interrupted", "Stopped before all examples were seen, as asked.", {
        hint: "Start the same command again.",
      });
    }
  } finally {
    pieces.return(undefined as never); // nobody looks at its value
  }
}

/** What came out: figures and predictions, and no weights. The digest of those that went in is for comparing. */
function result(
  { step, parameters, fitted }: TrainedNetwork,
  metrics: Readonly<Record<string, number>>,
  details: JsonObject,
): RunEvent {
  const checkpoint = { step, parametersDigest: weightsDigest(parameters) };
  const labels = fitted.input.kind === "language" ? {} : { labels: [...fitted.labels] };
  return { kind: "result", step, metrics, details: { ...labels, checkpoint, ...details } };
}
