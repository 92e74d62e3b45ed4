/**
 * Running parameters: part of a model and of its checkpoints, moved by what the model observed in a step and not by the
 * optimizer. The running mean and variance of a batch norm are such.
 */
import { moveTowards } from "../backend/updates.ts";
import { ExpError } from "../core/errors.ts";
import type { HostTensors } from "../core/run-events.ts";
import { trainedParameters, type Model } from "../model/model.ts";
import { floats } from "../optim/slots.ts";
import type { Optimizer } from "../optim/optimizer.ts";

/** What one pass through the model observed, by the name of the running parameter. */
export type Observations = Map<string, Float32Array>;

/** The values by name that belong to trained parameters, in their order. */
export function trainedOf<Value>(
  model: Model,
  values: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  if (!hasRunning(model)) return values;
  const names = new Set(trainedParameters(model).map(({ name }) => name));
  return new Map(Array.from(values).filter(([name]) => names.has(name)));
}

/** The optimizer, which is shown trained parameters only. */
export function trainingOnly(model: Model, optimizer: Optimizer): Optimizer {
  if (!hasRunning(model)) return optimizer;
  return {
    ...optimizer,
    init: (parameters) => optimizer.init(trainedOf(model, parameters)),
    update: (tensors, at) => {
      optimizer.update({ ...tensors, parameters: trainedOf(model, tensors.parameters) }, at);
    },
  };
}

/**
 * `Mode.observe` that keeps what it is told.
 * @throws {ExpError} `training` for a name that is no running parameter of the model, and for a wrong number of values.
 */
export function observeInto(
  observations: Observations,
  { kind, parameters }: Model,
): (name: string, values: Float32Array) => void {
  return (name, values) => {
    const spec = parameters.find((one) => one.name === name && one.running !== undefined);
    const size = spec?.shape.reduce((product, length) => product * length, 1);
    if (size === values.length) {
      observations.set(name, values);
      return;
    }
    throw new ExpError(
      "training",
      size === undefined
        ? `Model ${kind} observed ${JSON.stringify(name)}, which is none of its running parameters.`
        : `Model ${kind} observed ${values.length} values for ${name}, which has ${size}.`,
      { hint: "Declare the parameter with `running`, and observe one value for each of its own." },
    );
  };
}

/** Moves the running parameters in place, batch by batch; one that a batch did not observe stays. */
export function moveRunning(
  { parameters: specs }: Model,
  parameters: HostTensors,
  observations: readonly ReadonlyMap<string, Float32Array>[],
): void {
  for (const { name, running } of specs) {
    if (running === undefined) continue;
    for (const observed of observations) {
      const values = observed.get(name);
      if (values !== undefined) moveTowards(floats(parameters, name), values, running.momentum);
    }
  }
}

function hasRunning({ parameters }: Model): boolean {
  return parameters.some(({ running }) => running !== undefined);
}
