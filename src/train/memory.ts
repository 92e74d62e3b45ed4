/** What a training run takes of memory, and the refusal of one that takes more than its backend can address. */
import type { TrainingConfig } from "../../schemas/training.ts";
import { availableMemory } from "../backend/host-limits.ts";
import { addressableBytes, placedBytes } from "../backend/host-tensors.ts";
import { sizeOf } from "../backend/tensor.ts";
import { ExpError } from "../core/errors.ts";
import { formatBytes, formatCount } from "../core/number-text.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { Model } from "../model/model.ts";
import { countParameters, type TrainingSetup } from "./setup.ts";

const bytesPerValue = 4;

/** Tensors that a run keeps from step to step, counted in values. */
export interface KeptValues {
  readonly numWeights: number;
  readonly numAveraged: number;
  readonly numSlots: number;
  /** Bytes of slots and average in the memory of the backend, beside weights and gradients; 0 where it has none. */
  readonly numPlacedBytes: number;
}

/**
 * Counts what a run keeps.
 * @throws {ExpError} `environment` when that alone does not fit: before any of it is made.
 */
export function keptValues(setup: TrainingSetup): KeptValues {
  const { model, config, optimizer } = setup;
  const numWeights = countParameters(model);
  const hasAverage = config.training.exponentialMovingAverage !== null;
  const sizes = model.parameters.map(({ shape }) => sizeOf(shape));
  const numAveraged = hasAverage ? numWeights : 0;
  refuseTooLarge(setup, numWeights * (hasAverage ? 4 : 3) * bytesPerValue);
  refuseUnaddressable(setup, { numBytes: placedBytes([...sizes, ...sizes]), what: "weights" });
  const slots = optimizer.init(emptyParameters(model));
  const slotSizes = Array.from(slots.values(), ({ values }) => values.length);
  const numSlots = slotSizes.reduce((sum, size) => sum + size, 0);
  const placed = placedBytes([...slotSizes, ...(hasAverage ? sizes : [])]);
  const numBytes = placedBytes([...sizes, ...sizes]) + placed;
  refuseUnaddressable(setup, { numBytes, what: "weights" });
  const numPlacedBytes = addressableBytes() === undefined ? 0 : placed;
  return { numWeights, numAveraged, numSlots, numPlacedBytes };
}

/** Zeros in the shapes of the parameters: what an optimizer makes its slots from, and what tells how much a pass takes. Zeros take no memory until written. */
export function emptyParameters({ parameters }: Model): HostTensors {
  return new Map(
    parameters.map(({ name, shape }) => [
      name,
      { dtype: "F32", shape, values: new Float32Array(sizeOf(shape)) },
    ]),
  );
}

/** Weights, gradients, the best weights and the average, against the memory of the machine. */
function refuseTooLarge({ model, config }: TrainingSetup, numBytes: number): void {
  const numAvailable = availableMemory();
  if (numBytes <= numAvailable) return;
  throw new ExpError(
    "environment",
    `The model has ${formatCount(countParameters(model))} parameters: its weights and gradients need ` +
      `${formatBytes(numBytes)} of memory, and ${formatBytes(numAvailable)} are there.`,
    { hint: `Make the model smaller: lower ${modelSizes(config)}.` },
  );
}

/** What is compared with the bytes that a backend can address. */
export interface Estimate {
  readonly numBytes: number;
  /** What the bytes are of: the weights with all that is kept beside them, or also a batch of that many examples. */
  readonly what: "weights" | "batch";
  /** Whether more is needed than the bytes tell. */
  readonly isLeast?: boolean;
}

/** @throws {ExpError} `environment` when the backend cannot address so much, with what to lower. */
export function refuseUnaddressable(
  { model, config }: TrainingSetup,
  { numBytes, what, isLeast = false }: Estimate,
): void {
  const limit = addressableBytes();
  if (limit === undefined || numBytes <= limit) return;
  const parameters = `${formatCount(countParameters(model))} parameters`;
  const { batchSize } = config.training;
  const batch = batchSize === 1 ? "a batch of 1 example" : `batches of ${batchSize} examples`;
  const cause =
    what === "weights"
      ? `${parameters}, with their gradients and what the optimizer keeps, need`
      : `${parameters} and ${batch} need`;
  throw new ExpError(
    "environment",
    `The run is too large for the backend wasm: ${cause} ${isLeast ? "more than" : "about"} ${formatBytes(numBytes)}, and WebAssembly addresses ${formatBytes(limit)}.`,
    { hint: `${advice(config, what)} backend=cpu has no such limit, and is slower.` },
  );
}

function advice(config: TrainingConfig, what: Estimate["what"]): string {
  const model = modelSizes(config);
  if (what === "weights") return `Lower ${model}.`;
  const { batchSize, gradientCheckpointing } = config.training;
  const isTransformer = config.model.kind === "bert" || config.model.kind === "gpt";
  const saving =
    isTransformer && !gradientCheckpointing
      ? "Set training.gradientCheckpointing=true, or lower"
      : "Lower";
  const batch =
    batchSize === 1
      ? ""
      : `training.batchSize=${batchSize} (training.gradientAccumulationSteps keeps the batch of a step as it is), `;
  return `${saving} ${batch}${model}${sequenceLength(config)}.`;
}

function sequenceLength({ data }: TrainingConfig): string {
  const length = "sequenceLength" in data ? data.sequenceLength : undefined;
  return typeof length === "number" ? ` or data.sequenceLength=${length}` : "";
}

/** Fields of the model that are sizes, with their values; the largest first. */
function modelSizes({ model }: TrainingConfig): string {
  const sizes = Object.entries(model).flatMap(([name, value]): [string, number][] => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const [largest = 0] = values
      .filter((each) => typeof each === "number")
      .toSorted((first, second) => second - first);
    const isSize = Number.isInteger(largest) && largest > 1 && name !== "numHeads"; // heads share the width
    return isSize ? [[`model.${name}=${JSON.stringify(value)}`, largest]] : [];
  });
  if (sizes.length === 0) return "the sizes of the model";
  const named = sizes.toSorted(([, first], [, second]) => second - first).map(([text]) => text);
  return named.slice(0, 4).join(", ");
}

/** What reading the data takes of memory, in bytes. */
export interface LoadingBytes {
  /** While files are read and parsed. */
  readonly numPeakBytes: number;
  /** Afterwards: the data itself, and what is left over. */
  readonly numKeptBytes: number;
}

/** What a run takes beside the process itself, in bytes. */
export interface RunBytes {
  /** Resident at the peak, which is where the data is read or where the model trains. */
  readonly numMemoryBytes: number;
  /** One checkpoint. */
  readonly numCheckpointBytes: number;
}

/**
 * What a run takes. While it trains, that is the data, what the backend computes, what is kept, the best weights, and
 * three checkpoints: one that waits to be written, the next one, and the bytes of a file.
 */
export function runBytes(needs: {
  readonly kept: KeptValues;
  /** Of one forward and backward pass, with weights and gradients. */
  readonly numPeakBytes: number;
  readonly loading: LoadingBytes;
}): RunBytes {
  const { kept, numPeakBytes, loading } = needs;
  const { numWeights, numAveraged, numSlots } = kept;
  // The best weights are part of it.
  const numCheckpointBytes = (2 * numWeights + numAveraged + numSlots) * bytesPerValue;
  const numHostBytes = (numWeights * 3 + numAveraged + numSlots) * bytesPerValue;
  const numTrainingBytes =
    loading.numKeptBytes + numHostBytes + numPeakBytes + 3 * numCheckpointBytes;
  return { numMemoryBytes: Math.max(loading.numPeakBytes, numTrainingBytes), numCheckpointBytes };
}
