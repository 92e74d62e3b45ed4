/**
 * What a checkpoint holds: parameters under their own names (with an average, that one, and beside it the trained ones
 * under `unaveraged/<parameter>`), optimizer slots under `optimizer/<slot>/<parameter>`, the best parameters so far under
 * `best/<parameter>` where they are others, and in `state` what else the next step depends on. So each checkpoint is enough
 * to go on from, whatever became of the others. Where a step was stopped between two of its passes, what those came to is
 * there too: `accumulated/<parameter>`, and `observed/<pass>/<running parameter>`.
 */
import type { JsonObject, JsonValue } from "../core/json.ts";
import { jsonNumber } from "../core/number-text.ts";
import type { HostTensor, HostTensors, RunEvent } from "../core/run-events.ts";
import { wholeBatch, type BatchPlan } from "./batches.ts";
import { figuresJson } from "./figures.ts";
import type { DonePasses } from "./gradients.ts";
import {
  measuredParameters,
  namedParameters,
  type BestState,
  type TrainingState,
} from "./state.ts";

/** A checkpoint of a run, as an event. */
export type CheckpointEvent = Extract<RunEvent, { kind: "checkpoint" }>;

/** Facts of the run that a checkpoint repeats. */
export interface CheckpointFacts {
  readonly plan: BatchPlan;
  /** `optimizer.kind`: slots of one optimizer mean nothing to another. */
  readonly optimizer: string;
  /** State of the generator behind `Math.random` where `ambientRandomness` is `seeded`, else `null`. */
  readonly ambientState: JsonValue;
}

/** Numbered checkpoints sort by name up to a million steps. */
const stepDigits = 6;

/** `step-000100` */
export function stepCheckpointName(step: number): string {
  return `step-${String(step).padStart(stepDigits, "0")}`;
}

/** Every name of an optimizer's slots as files and traces have it. */
export function slotName(name: string): string {
  return `optimizer/${name}`;
}

/** The name of a tensor of the best parameters. */
export function bestName(name: string): string {
  return `best/${name}`;
}

/** The name of a gradient of the passes that are done. */
export function accumulatedName(name: string): string {
  return `accumulated/${name}`;
}

/** The name of what a pass observed; passes count from 0. */
export function observedName(pass: number, name: string): string {
  return `observed/${pass}/${name}`;
}

/**
 * A checkpoint of the state as it is now, with its very tensors: to be told before the next update.
 * @param names - All the names under which it is to be saved.
 */
export function checkpointEvent(
  names: readonly string[],
  state: TrainingState,
  facts: CheckpointFacts,
): CheckpointEvent {
  return {
    kind: "checkpoint",
    names,
    step: state.step,
    tensors: checkpointTensors(state),
    state: checkpointState(state, facts),
    mayWait: !names.some((name) => name.startsWith("step-")), // who asks for numbered ones wants just these
    isLive: true,
  };
}

/** Whether the best parameters are those of the state itself. */
export function isBestNow({ step }: Pick<TrainingState, "step">, best: { step: number }): boolean {
  return best.step === step;
}

function checkpointTensors(state: TrainingState): HostTensors {
  const { best, slots, donePasses } = state;
  const isNow = best !== undefined && isBestNow(state, best);
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of namedParameters(state)) tensors.set(name, tensor);
  for (const [name, tensor] of slots) tensors.set(slotName(name), tensor);
  if (best !== undefined && !isNow) {
    for (const [name, tensor] of best.parameters) tensors.set(bestName(name), tensor);
  }
  if (donePasses !== undefined) addPasses(tensors, state, donePasses);
  return tensors;
}

function addPasses(
  tensors: Map<string, HostTensor>,
  state: TrainingState,
  { gradients, observations }: DonePasses,
): void {
  for (const [name, tensor] of gradients) tensors.set(accumulatedName(name), tensor);
  for (const [pass, observed] of observations.entries()) {
    for (const [name, values] of observed) {
      const { shape } = measuredParameters(state).get(name) ?? { shape: [values.length] };
      tensors.set(observedName(pass, name), { dtype: "F32", shape, values });
    }
  }
}

function checkpointState(state: TrainingState, facts: CheckpointFacts): JsonObject {
  const { best, earlyStopping, lossSums, step, donePasses, isEvaluationDue } = state;
  const { reference, numWithoutImprovement } = earlyStopping;
  return {
    step,
    ...position(facts.plan, step),
    microStep: donePasses?.numPasses ?? 0,
    accumulatedLoss: donePasses?.loss ?? 0,
    isEvaluationDue,
    optimizer: facts.optimizer,
    earlyStopping: {
      reference: reference === null ? null : jsonNumber(reference),
      numWithoutImprovement,
    },
    best: best === undefined ? null : bestJson(best),
    trainLoss: { ...lossSums },
    ambientState: facts.ambientState,
  };
}

function bestJson({ step, value, figures }: BestState): JsonObject {
  return { step, value: jsonNumber(value), figures: figuresJson(figures) };
}

/** The epoch of the last step (from 1; 0 before the first) and how many of its examples have been seen. */
function position(plan: BatchPlan, step: number): { epoch: number; positionInEpoch: number } {
  if (step === 0) return { epoch: 0, positionInEpoch: 0 };
  const { epochIndex, start, size } = wholeBatch(plan, step);
  return { epoch: epochIndex + 1, positionInEpoch: start + size };
}
