/**
 * A run checked without doing it: its data is loaded, its model built, and one forward and backward pass of one batch
 * computed. Runs of a plan share what they have in common, so that checking a sweep costs little more than one run.
 */
import type { TrainingConfig } from "../../schemas/training.ts";
import { availableMemory } from "../backend/host-limits.ts";
import { measurePeak } from "../backend/peak-memory.ts";
import { sizeOf } from "../backend/tensor.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import { formatBytes, formatCount } from "../core/number-text.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { PreflightContext, PreflightReport } from "../core/task.ts";
import type { Dataset, Examples } from "../data/dataset.ts";
import { globalNorm } from "../optim/clip.ts";
import { createAmbientSeal } from "./ambient-seal.ts";
import { wholeBatch } from "./batches.ts";
import { batchExamples } from "./data-order.ts";
import { wholeBatchGradients } from "./gradients.ts";
import type { TrainingMembers } from "./members.ts";
import {
  countParameters,
  initialParameters,
  prepareTraining,
  type TrainingSetup,
} from "./setup.ts";
import { preflightMeasuring } from "./preflight-measuring.ts";
import { createTrainingParts, type TrainingParts } from "./training-parts.ts";

/** What one pass over one batch showed. */
interface FirstPass {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly numPeakBytes: number;
}

/**
 * Checks that a run can start and estimates what it needs.
 * @param members - Users' models, data sources and optimizers beside the built-in ones.
 * @throws {ExpError} whatever the run itself would throw before its first step, and `config` where the loss or a gradient
 *   of the first batch is not a finite number.
 */
export async function preflightTraining(
  members: TrainingMembers,
  context: PreflightContext<TrainingConfig>,
): Promise<PreflightReport> {
  const { config, shared, projectDirectory, backend } = context;
  if (config.mode !== "train") return preflightMeasuring(members, context);
  const parts = sharingData(createTrainingParts(members), shared);
  const seal = await createAmbientSeal(config);
  const { signal } = new AbortController();
  const setup = await prepareTraining({ config, projectDirectory, backend, signal }, parts, seal);
  refuseTooLarge(setup);
  const key = `pass ${canonicalJson(passFields(config, backend))}`;
  const known = shared.get(key) as FirstPass | undefined; // written below
  const { value: pass, numPeakBytes } =
    known === undefined
      ? await measurePeak(() => seal.run(() => firstPass(setup)))
      : { value: known, numPeakBytes: known.numPeakBytes };
  if (known === undefined) shared.set(key, { ...pass, numPeakBytes });
  refuseInfinite(pass);
  return report(setup, { ...pass, numPeakBytes });
}

/** The data set is loaded once for all runs that read it alike; only the last one is kept. */
function sharingData(parts: TrainingParts, shared: Map<string, unknown>): TrainingParts {
  return {
    ...parts,
    loadDataset: async (config, projectDirectory) => {
      const { data, tokenizer } = config;
      const key = canonicalJson({ data, ...(tokenizer && { tokenizer }) });
      const last = shared.get("dataset") as { key: string; dataset: Dataset } | undefined;
      if (last?.key === key) return last.dataset;
      const dataset = await parts.loadDataset(config, projectDirectory);
      shared.set("dataset", { key, dataset });
      return dataset;
    },
  };
}

/** Fields that decide what the first pass computes. Other fields act on its gradients, or later. */
function passFields(config: TrainingConfig, backend: string): Record<string, unknown> {
  const { data, tokenizer, model, seed, seeds, training } = config;
  const { batchSize, labelSmoothing, gradientCheckpointing } = training;
  const optional = { ...(tokenizer && { tokenizer }), ...(seeds && { seeds }) };
  return {
    data,
    model,
    seed,
    batchSize,
    labelSmoothing,
    gradientCheckpointing,
    backend,
    ...optional,
  };
}

function firstPass(setup: TrainingSetup): Omit<FirstPass, "numPeakBytes"> {
  const { streams, plan } = setup;
  const all = batchExamples(streams, plan, wholeBatch(plan, 1));
  const examples = all.slice(0, plan.batchSize); // one micro-batch: nothing to pause for
  const pass = wholeBatchGradients(setup, initialParameters(setup), { step: 1, examples }).next();
  if (pass.done !== true) return { loss: NaN, gradientNorm: NaN };
  const { loss, gradients, release } = pass.value;
  const gradientNorm = globalNorm(gradients);
  release();
  return { loss, gradientNorm };
}

/** Weights, gradients, the best weights and the average alone: before any of them is made. */
function refuseTooLarge({ model, config }: TrainingSetup): void {
  const numCopies = config.training.exponentialMovingAverage === null ? 3 : 4;
  const numBytes = countParameters(model) * bytesPerValue * numCopies;
  const numAvailable = availableMemory();
  if (numBytes <= numAvailable) return;
  throw new ExpError(
    "environment",
    `The model has ${formatCount(countParameters(model))} parameters: its weights and gradients need ` +
      `${formatBytes(numBytes)} of memory, and ${formatBytes(numAvailable)} are there.`,
    { hint: "Make the model smaller." },
  );
}

function refuseInfinite({ loss, gradientNorm }: Omit<FirstPass, "numPeakBytes">): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `gradient norm is ${gradientNorm}` : `loss is ${loss}`;
  throw new ExpError("config", `On the first batch, before any update, the ${what}.`, {
    hint: "Look at the scale of the inputs and of the model's first values.",
  });
}

function report(setup: TrainingSetup, pass: FirstPass): PreflightReport {
  const { dataset, model, plan, config } = setup;
  const { train, validation, test } = dataset.parts;
  const numParameters = countParameters(model);
  const sizes = estimateSizes(setup, pass);
  const isText = dataset.input.kind === "language";
  const [examples, classes] = isText ? ["windows", "characters"] : ["examples", "classes"];
  return {
    findings: [
      {
        topic: "data",
        text: `${config.data.kind}: ${formatCount(train.size)} train, ${formatCount(validation.size)} validation, ${formatCount(test.size)} test ${examples}, ${dataset.labels.length} ${classes}`,
      },
      { topic: "model", text: `${model.kind}: ${formatCount(numParameters)} parameters` },
      {
        topic: "steps",
        text: `${formatCount(plan.numSteps)} of ${plan.wholeBatchSize} examples, ${formatCount(plan.stepsPerEpoch)} an epoch`,
      },
      {
        topic: "first batch",
        text: `loss ${pass.loss.toFixed(4)}, gradient norm ${pass.gradientNorm.toFixed(4)}`,
      },
    ],
    ...sizes,
  };
}

const bytesPerValue = 4;

/**
 * Weights, gradients, slots, the average and the best weights on the host, one checkpoint while it is written, the data set, and the
 * backend's peak. On disk: checkpoints with their slots, and the rows of trace, metrics and predictions.
 */
function estimateSizes(
  setup: TrainingSetup,
  { numPeakBytes }: FirstPass,
): { numMemoryBytes: number; numDiskBytes: number } {
  const { dataset, model, plan, config } = setup;
  const numWeights = countParameters(model);
  const weights = initialShapes(setup);
  const numSlots = countValues(setup.optimizer.init(weights));
  const numAveraged = config.training.exponentialMovingAverage === null ? 0 : numWeights;
  const numCheckpointBytes = (numWeights + numAveraged + numSlots) * bytesPerValue;
  const { interval, keep } = config.checkpointing;
  const numNumbered = interval === null ? 0 : Math.min(keep, Math.floor(plan.numSteps / interval));
  const parts = Object.values(dataset.parts);
  const numDataBytes = parts.reduce((sum, part) => sum + numBytesOf(part), 0);
  const numHostBytes = (numWeights * 3 + numAveraged + numSlots) * bytesPerValue;
  return {
    numMemoryBytes: numHostBytes + numCheckpointBytes + numDataBytes + numPeakBytes,
    numDiskBytes:
      numCheckpointBytes * (2 + numNumbered) +
      plan.numSteps * 250 +
      (plan.numSteps / 50) * 17 * 3 * model.parameters.length +
      dataset.parts.test.labels.length * 60 * dataset.labels.length,
  };
}

/** Zeros in the shapes of the parameters: what an optimizer makes its slots from. */
function initialShapes({ model }: TrainingSetup): HostTensors {
  return new Map(
    model.parameters.map(({ name, shape }) => [
      name,
      { dtype: "F32", shape, values: new Float32Array(sizeOf(shape)) },
    ]),
  );
}

function countValues(tensors: HostTensors): number {
  return [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
}

function numBytesOf({ labels, tokens, lengths, features, text }: Examples): number {
  const arrays = [labels, tokens, lengths, features, text?.ids];
  return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
}
