/** One run while it trains: what is fixed, what changes, and the seal on ambient randomness. */
import { squaredNorms } from "../backend/updates.ts";
import type { JsonObject } from "../core/json.ts";
import type { HostTensor } from "../core/run-events.ts";
import type { AmbientSeal } from "./ambient-seal.ts";
import { checkpointEvent, slotName, type CheckpointEvent } from "./checkpoints.ts";
import { divergedAt } from "./divergence.ts";
import type { TrainingSetup } from "./setup.ts";
import { namedParameters, type TrainingState } from "./state.ts";
import type { DoneStep } from "./step.ts";

export interface Session {
  readonly setup: TrainingSetup;
  readonly state: TrainingState;
  readonly seal: AmbientSeal;
  readonly signal: AbortSignal;
  /** Steps that are done and not told yet. */
  readonly untold: DoneStep[];
  /** Whether what is said of a step may be told with later ones; asked after each. */
  readonly mayTellLater: () => boolean;
  /** Where the checkpoint `last` was taken; `undefined` before the first. */
  saved: Position | undefined;
}

/** A place in a run that a checkpoint may be taken at; two checkpoints of one place are the same. */
export interface Position {
  /** Steps done. */
  readonly step: number;
  /** Passes of the next step that are done. */
  readonly microStep: number;
  readonly isEvaluationDue: boolean;
}

/** Where a run is. */
export function positionOf({ step, donePasses, isEvaluationDue }: TrainingState): Position {
  return { step, microStep: donePasses?.numPasses ?? 0, isEvaluationDue };
}

/** Whether the checkpoint `last` holds the state as it is now. */
export function isSaved({ saved, state }: Session): boolean {
  if (saved === undefined) return false;
  const { step, microStep, isEvaluationDue } = positionOf(state);
  return (
    saved.step === step &&
    saved.microStep === microStep &&
    saved.isEvaluationDue === isEvaluationDue
  );
}

/**
 * A checkpoint of the state as it is now, under all the given names.
 * @param ambientState - Where the seeded generator stands, where that is not where it stands now.
 * @throws {ExpError} `diverged` when a weight or an optimizer slot is no finite number: such a state never replaces a
 *   good one.
 */
export function saveState(
  session: Session,
  names: readonly string[],
  ambientState: JsonObject | null = session.seal.state(),
): CheckpointEvent {
  const { setup, state } = session;
  const bad = badTensor(state);
  if (bad !== undefined) {
    throw divergedAt(state.step, `after it, ${bad} is not a finite number`, session.saved?.step);
  }
  const { plan, config } = setup;
  const optimizer = config.optimizer.kind;
  const event = checkpointEvent(names, state, { plan, optimizer, ambientState });
  if (names.includes("last")) session.saved = positionOf(state);
  const isNumbered = names.some((name) => name.startsWith("step-"));
  return isNumbered ? { ...event, keep: config.checkpointing.keep } : event;
}

/** Whether all values of parameters and slots are finite numbers, as those of every checkpoint are. */
export function isFiniteState(state: TrainingState): boolean {
  return badTensor(state) === undefined;
}

/** Whether every value is a finite number. */
export function isFiniteTensor(tensor: HostTensor): boolean {
  return firstNotFinite([tensor]) === undefined;
}

/** What has a value that is no finite number, for messages. */
function badTensor(state: TrainingState): string | undefined {
  const weights = Array.from(namedParameters(state), ([name, tensor]) => {
    return { what: `a weight of ${name}`, tensor };
  });
  const slots = Array.from(state.slots, ([name, tensor]) => {
    return { what: `a value of ${slotName(name)}`, tensor };
  });
  const all = [...weights, ...slots];
  const bad = firstNotFinite(all.map(({ tensor }) => tensor));
  return bad === undefined ? undefined : all[bad]?.what;
}

/**
 * The index of the first tensor with a value that is no finite number: by the sums of the squares, which no float32 makes
 * too large for a double, and which all threads compute.
 */
function firstNotFinite(tensors: readonly HostTensor[]): number | undefined {
  const arrays = tensors.map(({ values }) =>
    values instanceof Float32Array ? values : new Float32Array(),
  );
  const index = squaredNorms(arrays).findIndex((sum) => !Number.isFinite(sum));
  return index === -1 ? undefined : index;
}
