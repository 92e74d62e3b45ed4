/**
 * What a checkpoint holds: parameters under their own names (with an average, that one, and beside it the trained ones
 * under `unaveraged/<parameter>`), optimizer slots under `optimizer/<slot>/<parameter>`, and
 * in `state` what else the next step depends on. Checkpoints are taken between steps, where no gradient is accumulated.
 */
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { HostTensor, HostTensors, RunEvent } from "../core/run-events.ts";
import { wholeBatch, type BatchPlan } from "./batches.ts";
import { copyTensors, namedParameters, type TrainingState } from "./state.ts";

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

/**
 * A checkpoint of the state as it is now; later updates do not reach it.
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
  };
}

function checkpointTensors(state: TrainingState): HostTensors {
  const tensors = new Map<string, HostTensor>(copyTensors(namedParameters(state)));
  for (const [name, tensor] of copyTensors(state.slots)) tensors.set(slotName(name), tensor);
  return tensors;
}

function checkpointState(state: TrainingState, facts: CheckpointFacts): JsonObject {
  const { best, earlyStopping, lossSums, step } = state;
  return {
    step,
    ...position(facts.plan, step),
    microStep: 0,
    optimizer: facts.optimizer,
    earlyStopping: { ...earlyStopping },
    best: best === undefined ? null : { step: best.step, value: best.value },
    trainLoss: { ...lossSums },
    ambientState: facts.ambientState,
  };
}

/** The epoch of the last step (from 1; 0 before the first) and how many of its examples have been seen. */
function position(plan: BatchPlan, step: number): { epoch: number; positionInEpoch: number } {
  if (step === 0) return { epoch: 0, positionInEpoch: 0 };
  const { epochIndex, start, size } = wholeBatch(plan, step);
  return { epoch: epochIndex + 1, positionInEpoch: start + size };
}
