/**
 * The exponential moving average of the weights, as PyTorch's `AveragedModel` with `get_ema_multi_avg_fn` has it: it begins
 * with the weights after the first step, and each later step makes it decay·average + (1 − decay)·weights. Running
 * parameters are no weights: the average of a model has those of the last step.
 * @see Polyak & Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
 */
import type { TrainingConfig } from "../../schemas/training.ts";
import { moveTowards } from "../backend/updates.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { Model } from "../model/model.ts";
import { floats } from "../optim/slots.ts";
import { copyTensors, type TrainingState } from "./state.ts";

/** What `moveAverage` moves, before the first step; `undefined` where the config asks for no average. */
export function initialAverage(
  { exponentialMovingAverage }: Pick<TrainingConfig["training"], "exponentialMovingAverage">,
  parameters: HostTensors,
): HostTensors | undefined {
  return exponentialMovingAverage === null ? undefined : copyTensors(parameters);
}

/** What averaging must know of a run. */
export interface AveragingSetup {
  readonly model: Pick<Model, "parameters">;
  readonly config: {
    readonly training: Pick<TrainingConfig["training"], "exponentialMovingAverage">;
  };
}

/**
 * Moves the average of the state, where there is one, to the parameters that a step has left.
 * @param step - From 1: that step.
 */
export function moveAverage(
  { model, config }: AveragingSetup,
  { parameters, average }: Pick<TrainingState, "parameters" | "average">,
  step: number,
): void {
  const { exponentialMovingAverage: settings } = config.training;
  if (average === undefined || settings === null) return;
  for (const { name, running } of model.parameters) {
    const isAveraged = running === undefined && step > settings.startStep;
    const target = floats(average, name);
    const values = floats(parameters, name);
    if (isAveraged) moveTowards(target, values, 1 - settings.decay);
    else target.set(values);
  }
}
