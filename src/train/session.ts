/** One run while it trains: what is fixed, what changes, and the seal on ambient randomness. */
import type { AmbientSeal } from "./ambient-seal.ts";
import { checkpointEvent, type CheckpointEvent } from "./checkpoints.ts";
import { divergedAt } from "./divergence.ts";
import type { TrainingSetup } from "./setup.ts";
import { areFinite, type TrainingState } from "./state.ts";

export interface Session {
  readonly setup: TrainingSetup;
  readonly state: TrainingState;
  readonly seal: AmbientSeal;
  readonly signal: AbortSignal;
}

/**
 * A checkpoint of the state as it is now, under all the given names.
 * @throws {ExpError} `diverged` when a weight is no finite number: such a state never replaces a good one.
 */
export function saveState(session: Session, names: readonly string[]): CheckpointEvent {
  const { setup, state, seal } = session;
  if (!areFinite(state.parameters)) {
    throw divergedAt(state.step, "after it, a weight is not a finite number");
  }
  const { plan, config } = setup;
  const optimizer = config.optimizer.kind;
  const event = checkpointEvent(names, state, { plan, optimizer, ambientState: seal.state() });
  const isNumbered = names.some((name) => name.startsWith("step-"));
  return isNumbered ? { ...event, keep: config.checkpointing.keep } : event;
}
