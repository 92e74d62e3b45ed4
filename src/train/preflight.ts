/**
 * A run checked without doing it: its data is loaded, its model built, and one forward and backward pass of one batch
 * computed. Runs of a plan share what they have in common, so that checking a sweep costs little more than one run.
 */
import type { TrainingConfig } from "../../schemas/training.ts";
import { addressableBytes } from "../backend/host-tensors.ts";
import { measurePeak } from "../backend/peak-memory.ts";
import { OutOfMemoryError } from "../backend/wasm/heap.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import { formatCount } from "../core/number-text.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { PreflightContext, PreflightReport } from "../core/task.ts";
import { globalNorm } from "../optim/clip.ts";
import { createAmbientSeal, type AmbientSeal } from "./ambient-seal.ts";
import { wholeBatch } from "./batches.ts";
import { batchExamples } from "./data-order.ts";
import { wholeBatchGradients } from "./gradients.ts";
import type { TrainingMembers } from "./members.ts";
import {
  emptyParameters,
  keptValues,
  refuseUnaddressable,
  runBytes,
  type KeptValues,
  type LoadingBytes,
} from "./memory.ts";
import {
  countParameters,
  initialParameters,
  prepareTraining,
  type TrainingSetup,
} from "./setup.ts";
import { holdOwnBackend } from "./own-backend.ts";
import { lastLoading, sharingData } from "./preflight-loading.ts";
import { preflightMeasuring } from "./preflight-measuring.ts";
import { createTrainingParts } from "./training-parts.ts";

/** What one pass over one batch showed. */
interface FirstPass {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly numPeakBytes: number;
}

/** What was found out about the memory of a run. */
interface RunNeeds {
  readonly kept: KeptValues;
  readonly pass: FirstPass;
  readonly loading: LoadingBytes;
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
  const { config, backend } = context;
  if (config.mode !== "train") return preflightMeasuring(members, context);
  const own = holdOwnBackend(backend, await createAmbientSeal(config));
  try {
    return await preflightSealed(members, context, own.seal);
  } finally {
    own.release();
  }
}

async function preflightSealed(
  members: TrainingMembers,
  { config, shared, projectDirectory, backend }: PreflightContext<TrainingConfig>,
  seal: AmbientSeal,
): Promise<PreflightReport> {
  const parts = sharingData(createTrainingParts(members), shared);
  const { signal } = new AbortController();
  const setup = await prepareTraining({ config, projectDirectory, backend, signal }, parts, seal);
  const kept = seal.run(() => keptValues(setup));
  const key = `pass ${canonicalJson(passFields(config, backend))}`;
  const known = shared.get(key) as FirstPass | undefined; // written below
  const pass = known ?? (await measurePass(setup, kept, seal));
  shared.set(key, pass);
  refuseUnaddressable(setup, { numBytes: pass.numPeakBytes + kept.numPlacedBytes, what: "batch" });
  refuseInfinite(pass);
  return report(setup, { kept, pass, loading: lastLoading(shared) });
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

/** A pass over some examples with some values of the parameters. */
type Measure = (parameters: HostTensors, size: number) => Promise<FirstPass>;

/** The first pass, and what it takes. One that is too large is refused before it fills the memory. */
async function measurePass(
  setup: TrainingSetup,
  kept: KeptValues,
  seal: AmbientSeal,
): Promise<FirstPass> {
  const measure: Measure = async (parameters, size) => {
    const work = (): Omit<FirstPass, "numPeakBytes"> => firstPass(setup, parameters, size);
    const { value, numPeakBytes } = await measurePeak(() => seal.run(work));
    return { ...value, numPeakBytes };
  };
  const batchSize = Math.min(setup.plan.batchSize, wholeBatch(setup.plan, 1).size);
  try {
    const ambientBefore = seal.state();
    const numBytes = await estimateBytes(setup, measure, batchSize);
    if (ambientBefore !== null) seal.restore(ambientBefore);
    refuseUnaddressable(setup, { numBytes: numBytes + kept.numPlacedBytes, what: "batch" });
    const parameters = seal.run(() => initialParameters(setup));
    return await measure(parameters, batchSize);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    // Blocks of different sizes leave gaps: memory may run out a little before all of it is in use.
    const limit = addressableBytes() ?? 0;
    const numBytes = Math.max(error.numNeededBytes + kept.numPlacedBytes, limit + 1);
    refuseUnaddressable(setup, { numBytes, what: "batch", isLeast: true });
    throw error;
  }
}

/**
 * What a pass over the whole batch will take, by passes of one and of two examples, in bytes; 0 where the backend can
 * address everything. The parameters are zeros in it: to draw the first values of a large model takes longer than passes.
 */
async function estimateBytes(
  { model }: TrainingSetup,
  measure: Measure,
  batchSize: number,
): Promise<number> {
  const limit = addressableBytes();
  if (limit === undefined) return 0;
  const zeros = emptyParameters(model);
  try {
    const { numPeakBytes: one } = await measure(zeros, 1);
    if (one * batchSize <= limit / 4) return one;
    const more = (await measure(zeros, 2)).numPeakBytes - one;
    return one + more * (batchSize - 1);
  } catch (error) {
    if (error instanceof OutOfMemoryError) throw error;
    return 0; // a user's model may be none for zeros; with its own first values, it is told what is wrong
  }
}

/** @param size - Examples of the batch. */
function firstPass(
  setup: TrainingSetup,
  parameters: HostTensors,
  size: number,
): Omit<FirstPass, "numPeakBytes"> {
  const { streams, plan } = setup;
  const all = batchExamples(streams, plan, wholeBatch(plan, 1));
  const examples = all.slice(0, size); // at most a micro-batch: nothing to pause for
  const pass = wholeBatchGradients(setup, parameters, { step: 1, examples }).next();
  if (pass.done !== true) return { loss: NaN, gradientNorm: NaN };
  const { loss, gradients, release } = pass.value;
  const gradientNorm = globalNorm(gradients);
  release();
  return { loss, gradientNorm };
}

function refuseInfinite({ loss, gradientNorm }: Omit<FirstPass, "numPeakBytes">): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `gradient norm is ${gradientNorm}` : `loss is ${loss}`;
  throw new ExpError("config", `On the first batch, before any update, the ${what}.`, {
    hint: "Look at the scale of the inputs and of the model's first values.",
  });
}

function report(setup: TrainingSetup, needs: RunNeeds): PreflightReport {
  const { pass } = needs;
  const { dataset, model, plan, config } = setup;
  const { train, validation, test } = dataset.parts;
  const numParameters = countParameters(model);
  const sizes = estimateSizes(setup, needs);
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

/** The run in memory, and on disk: checkpoints with their slots, and the rows of trace, metrics and predictions. */
function estimateSizes(
  setup: TrainingSetup,
  { kept, pass, loading }: RunNeeds,
): { numMemoryBytes: number; numDiskBytes: number } {
  const { dataset, model, plan, config } = setup;
  const { numPeakBytes } = pass;
  const { numMemoryBytes, numCheckpointBytes } = runBytes({ kept, numPeakBytes, loading });
  const { interval, keep } = config.checkpointing;
  const numNumbered = interval === null ? 0 : Math.min(keep, Math.floor(plan.numSteps / interval));
  return {
    numMemoryBytes,
    numDiskBytes:
      numCheckpointBytes * (2 + numNumbered) +
      plan.numSteps * 250 +
      (plan.numSteps / 50) * 17 * 3 * model.parameters.length +
      dataset.parts.test.labels.length * 60 * dataset.labels.length,
  };
}
