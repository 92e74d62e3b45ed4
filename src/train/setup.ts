/** Loads and checks everything that a run needs, before anything is computed. */
import type { TrainingConfig } from "../../schemas/training.ts";
import { chooseBackend } from "../backend/choose.ts";
import { prepareBackend } from "../backend/prepare.ts";
import { sizeOf } from "../backend/tensor.ts";
import { ExpError } from "../core/errors.ts";
import type { HostTensor, HostTensors } from "../core/run-events.ts";
import { nearest } from "../core/suggest.ts";
import type { RunInputs } from "../core/task.ts";
import type { Dataset } from "../data/dataset.ts";
import { trainedParameters, type Model } from "../model/model.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { learningRateAt, numWarmupSteps } from "../optim/schedule.ts";
import { createStreams, seedsByPurpose, type RandomStreams } from "../random/streams.ts";
import type { AmbientSeal } from "./ambient-seal.ts";
import { planBatches, type BatchPlan } from "./batches.ts";
import { metricLabels, metricNames } from "./metrics.ts";
import { checkSampling } from "./sample.ts";
import type { TrainingParts } from "./training-parts.ts";

/** What does not change while a run trains. */
export interface TrainingSetup {
  readonly config: TrainingConfig;
  readonly dataset: Dataset;
  readonly model: Model;
  readonly numClasses: number;
  readonly optimizer: Optimizer;
  readonly plan: BatchPlan;
  readonly streams: RandomStreams;
  /** The labels as words of metric names. */
  readonly labelNames: readonly string[];
  /** @param step - From 1. */
  readonly learningRateAt: (step: number) => number;
  /** Every row of the trace tells all tensors. */
  readonly isTraceDense?: boolean;
}

/**
 * Prepares the backend and, inside the seal, loads the data and builds the model.
 * @throws {ExpError} `environment`, `data`, or `config` when model and data do not fit each other, the metric of
 *   `selection` does not exist, the warm-up is longer than the run, or there is no batch to train on.
 */
export async function prepareTraining(
  { config, projectDirectory, backend, isTraceDense = false }: RunInputs<TrainingConfig>,
  parts: TrainingParts,
  seal: AmbientSeal,
): Promise<TrainingSetup> {
  await prepareBackend(chooseBackend(backend).backend, { threads: config.threads });
  const dataset = await seal.load(() => parts.loadDataset(config, projectDirectory));
  checkSelection(config.selection.metric, metricNames("validation", dataset));
  checkSampling(config.sampling, dataset.input);
  const model = seal.run(() => parts.createModel(config.model, dataset));
  checkParameters(model);
  const optimizer = seal.run(() => parts.createOptimizer(config.optimizer, model));
  const plan = planBatches(config.training, dataset.parts.train.size);
  const { numSteps } = plan;
  const { schedule } = config;
  checkWarmup(schedule, plan);
  return {
    config,
    dataset,
    model,
    numClasses: dataset.labels.length,
    optimizer,
    plan,
    streams: createStreams(config.seed, seedsByPurpose(config.seeds)),
    labelNames: metricLabels(dataset.labels),
    learningRateAt: (step) =>
      learningRateAt(schedule, config.optimizer.learningRate, { step, numSteps }),
    isTraceDense,
  };
}

/** The first values of all parameters, each drawn from a stream of its own. */
export function initialParameters({ model, streams }: TrainingSetup): HostTensors {
  const parameters = new Map<string, HostTensor>();
  for (const { name, shape, initialise } of model.parameters) {
    const values = initialise(streams.stream(`initialization/${name}`));
    if (values.length !== sizeOf(shape)) {
      throw new ExpError(
        "training",
        `Parameter ${name} of model ${model.kind} has ${values.length} first values; ` +
          `its shape [${shape.join(", ")}] has ${sizeOf(shape)} elements.`,
      );
    }
    parameters.set(name, { dtype: "F32", shape, values });
  }
  return parameters;
}

/** Number of trained values. */
export function countParameters(model: Model): number {
  return trainedParameters(model).reduce((count, { shape }) => count + sizeOf(shape), 0);
}

/** With `numEpochs` the number of steps is known only now. */
function checkWarmup(
  schedule: TrainingConfig["schedule"],
  { numSteps, stepsPerEpoch }: BatchPlan,
): void {
  const numWarmup = numWarmupSteps(schedule, numSteps);
  if (numWarmup <= numSteps) return;
  throw new ExpError("config", "The warm-up is longer than the run.", {
    issues: [
      {
        path: ["schedule", "warmupSteps"],
        message: `${numWarmup} steps of warm-up in a run of ${numSteps} steps (${stepsPerEpoch} an epoch)`,
        value: String(numWarmup),
      },
    ],
    hint: "Train longer, or use schedule.warmupFraction=0.1, which follows the length of the run.",
  });
}

function checkSelection(metric: string, names: readonly string[]): void {
  if (names.includes(metric)) return;
  const suggestion = nearest(metric, names);
  throw new ExpError("config", "selection.metric names no metric of this run.", {
    issues: [
      {
        path: ["selection", "metric"],
        message: `expected one of ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`,
        value: JSON.stringify(metric),
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ],
  });
}

/** Names are keys of checkpoints and traces, where a slash begins what is not a parameter. */
function checkParameters({ kind, parameters }: Model): void {
  if (parameters.length === 0) throw new ExpError("training", `Model ${kind} has no parameters.`);
  const bad = parameters.find(({ name }) => name === "" || name.includes("/"));
  if (bad === undefined) return;
  throw new ExpError(
    "training",
    `Model ${kind} has a parameter named ${JSON.stringify(bad.name)}; expected a name without a slash.`,
  );
}
