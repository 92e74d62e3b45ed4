/** The model at work on the backend: logits of a batch, loss and gradients of a whole batch. */
import {
  addGradients,
  disposeParameters,
  uploadParameters,
  valuesOf,
} from "../backend/gradients.ts";
import { emptyTensors } from "../backend/host-tensors.ts";
import { softmaxCrossEntropy } from "../backend/operations-loss.ts";
import type { Parameters, Tensor } from "../backend/tensor.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { Mode } from "../model/model.ts";
import { microBatches } from "./batches.ts";
import { collate, rowsPerExample, type LabelledBatch } from "./collate.ts";
import { checkedLogits } from "./logits.ts";
import { observeInto, trainedOf, type Observations } from "./running.ts";
import type { TrainingSetup } from "./setup.ts";

/** Loss and gradients of one step. */
export interface BatchGradients {
  /** Mean over the rows of the whole batch, in nats. */
  readonly loss: number;
  /** Of that mean, one a trained parameter, in the order of the parameters; the caller's until `release`. */
  readonly gradients: HostTensors;
  /** Gives back the memory of the gradients, which nobody may look at afterwards. */
  readonly release: () => void;
  /** What running parameters are to be moved towards: one for each micro-batch, in their order. */
  readonly observations: readonly Observations[];
}

/** The passes of a step that are done while others are not: what the rest of the step is added to. */
export interface DonePasses {
  /** At least 1. */
  readonly numPasses: number;
  /** Their share of the whole batch's mean. */
  readonly loss: number;
  /** Their share of its gradients. */
  readonly gradients: HostTensors;
  readonly observations: readonly Observations[];
}

/** The examples of one step. */
export interface StepExamples {
  /** From 1. */
  readonly step: number;
  /** Indices in the training part. */
  readonly examples: readonly number[];
  /** Passes that were done before and are not done again. */
  readonly done?: DonePasses | undefined;
}

/**
 * Loss and gradients of a whole batch, micro-batch by micro-batch, with a pause between two that tells what is done; its
 * gradients go on changing. Each contributes its sum divided by the size of the
 * whole, so that the sums are the mean however the whole is cut; gradients add up in float32, the loss in float64.
 * Whoever breaks off in a pause must call `return`, which frees the tensors.
 */
export function* wholeBatchGradients(
  setup: TrainingSetup,
  parameters: HostTensors,
  { step, examples, done }: StepExamples,
): Generator<DonePasses, BatchGradients, undefined> {
  const { config, dataset, plan, streams } = setup;
  const { labelSmoothing, gradientCheckpointing } = config.training;
  const divisor = examples.length * rowsPerExample(dataset.input);
  const uploaded = uploadParameters(parameters);
  const trained = trainedOf(setup.model, uploaded);
  const sums = emptyTensors(trainedOf(setup.model, parameters));
  const { tensors: gradients, release } = sums;
  for (const [name, { values }] of done?.gradients ?? []) gradients.get(name)?.values.set(values);
  const allObservations: Observations[] = [...(done?.observations ?? [])];
  let numPasses = done?.numPasses ?? 0;
  let loss = examples.length === 0 ? NaN : (done?.loss ?? 0);
  let isDone = false;
  try {
    for (const { position, size } of microBatches(examples.length, plan.batchSize).slice(
      numPasses,
    )) {
      if (position > 0) yield { numPasses, loss, gradients, observations: allObservations };
      const indices = examples.slice(position, position + size);
      const labelled = collate(dataset.parts.train, dataset.input, indices);
      const observations: Observations = new Map();
      const observe = observeInto(observations, setup.model);
      const mode: Mode = { kind: "train", streams, step, position, observe, gradientCheckpointing };
      const compute = (): Tensor => {
        const logits = forward(setup, uploaded, { labelled, mode });
        return softmaxCrossEntropy(logits, labelled.targets, { labelSmoothing, divisor });
      };
      loss += addGradients(trained, compute, { sums: gradients, isFirst: position === 0 });
      allObservations.push(observations);
      numPasses++;
    }
    isDone = true;
  } finally {
    disposeParameters(uploaded);
    if (!isDone) release();
  }
  return { loss, gradients, observations: allObservations, release };
}

/** Logits of a batch without dropout, [rows × numClasses], row-major; a row for each target. */
export function evaluateLogits(
  setup: Pick<TrainingSetup, "model" | "numClasses">,
  parameters: HostTensors,
  labelled: LabelledBatch,
): Float32Array {
  const uploaded = uploadParameters(parameters);
  try {
    return valuesOf(() => forward(setup, uploaded, { labelled, mode: { kind: "evaluate" } }));
  } finally {
    disposeParameters(uploaded);
  }
}

/** The logits of what comes after some tokens, [numClasses]. */
export type NextLogits = (tokens: Int32Array) => Float32Array;

/**
 * A function for the logits after a text that grows: what it computed is remembered where the model can do that, else
 * each call reads the whole text. The bits are the same.
 */
export function continuedLogits(
  setup: Pick<TrainingSetup, "model" | "numClasses">,
  parameters: HostTensors,
): NextLogits {
  const remembered = setup.model.continueText?.();
  if (remembered === undefined) return (tokens) => lastLogits(setup, parameters, tokens);
  return (tokens) => {
    const uploaded = uploadParameters(parameters);
    try {
      return remembered(uploaded, tokens);
    } finally {
      disposeParameters(uploaded);
    }
  };
}

/** `continuedLogits` without a memory. */
export function lastLogits(
  setup: Pick<TrainingSetup, "model" | "numClasses">,
  parameters: HostTensors,
  tokens: Int32Array,
): Float32Array {
  const size = tokens.length;
  const batch = { kind: "tokens", size: 1, sequenceLength: size, tokens } as const;
  const logits = evaluateLogits(setup, parameters, {
    batch: { ...batch, lengths: Int32Array.of(size) },
    targets: new Int32Array(size).fill(-1),
  });
  return logits.subarray((size - 1) * setup.numClasses);
}

function forward(
  { model, numClasses }: Pick<TrainingSetup, "model" | "numClasses">,
  uploaded: Parameters,
  { labelled, mode }: { readonly labelled: LabelledBatch; readonly mode: Mode },
): Tensor {
  const { batch, targets } = labelled;
  const what = targets.length === batch.size ? "examples × classes" : "tokens × vocabulary";
  const expected = { kind: model.kind, shape: [targets.length, numClasses], what } as const;
  return checkedLogits(model.forward(uploaded, batch, mode), expected);
}
