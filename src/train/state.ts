/** What changes while a run trains: everything that a checkpoint must hold, and nothing else. */
import type { HostTensor, HostTensors } from "../core/run-events.ts";
import { initialEarlyStopping, type BestSoFar, type EarlyStoppingState } from "./early-stopping.ts";
import type { Figures } from "./figures.ts";
import type { DonePasses } from "./gradients.ts";

/** Mean training loss since the last evaluation, as sums, so that it can be entered at any step. */
export interface LossSums {
  /** Sum over the examples seen of their losses, in nats. */
  readonly total: number;
  readonly numExamples: number;
}

export interface TrainingState {
  /** Optimizer steps done. */
  step: number;
  /** Overwritten in place by each update. */
  readonly parameters: HostTensors;
  /** Of the optimizer, by `<slot>/<parameter name>`; overwritten in place. */
  readonly slots: HostTensors;
  /** Running average of the parameters, overwritten in place; `undefined` where the config asks for none. */
  readonly average: HostTensors | undefined;
  earlyStopping: EarlyStoppingState;
  best: BestState | undefined;
  lossSums: LossSums;
  /** Passes of the next step that are done; `undefined` between steps. */
  donePasses: DonePasses | undefined;
  /** The last step is one to be evaluated after, and has not been. */
  isEvaluationDue: boolean;
}

/** The best evaluation so far, with the parameters that it measured. */
export interface BestState extends BestSoFar {
  readonly figures: Figures;
  readonly parameters: HostTensors;
}

/** No step since the last evaluation. */
export const noLoss: LossSums = { total: 0, numExamples: 0 };

/** The state before the first step. It owns the tensors. */
export function initialState(
  parameters: HostTensors,
  slots: HostTensors,
  average?: HostTensors,
): TrainingState {
  return {
    step: 0,
    parameters,
    slots,
    average,
    earlyStopping: initialEarlyStopping,
    best: undefined,
    lossSums: noLoss,
    donePasses: undefined,
    isEvaluationDue: false,
  };
}

/** The parameters that are evaluated, tested and used later: the average where there is one. */
export function measuredParameters({ parameters, average }: TrainingState): HostTensors {
  return average ?? parameters;
}

/**
 * All parameters as checkpoints and traces name them. Under their own names stand those that are measured; beside an
 * average, those that the optimizer moves stand under `unaveraged/<name>`.
 */
export function namedParameters({ parameters, average }: TrainingState): HostTensors {
  if (average === undefined) return parameters;
  const moved = Array.from(parameters, ([name, tensor]): [string, HostTensor] => [
    `unaveraged/${name}`,
    tensor,
  ]);
  return new Map([...average, ...moved]);
}

/**
 * Copies that later updates do not touch.
 * @param used - Copies that nobody needs any more: those of the same names and sizes are written over, since memory that is
 *   new to the process takes several times as long as the copying.
 */
export function copyTensors(tensors: HostTensors, used?: HostTensors): HostTensors {
  return new Map(
    Array.from(tensors, ([name, tensor]) => [name, copyTensor(tensor, used?.get(name))]),
  );
}

function copyTensor(tensor: HostTensor, used: HostTensor | undefined): HostTensor {
  if (used?.dtype !== tensor.dtype || used.values.length !== tensor.values.length)
    return { ...tensor, values: tensor.values.slice() };
  used.values.set(tensor.values);
  return { ...tensor, values: used.values };
}
