/**
 * Going on from a checkpoint: it is read whole, and compared name by name with what this run would save, before any of it
 * is believed. What lacks an optimizer slot, say, is refused with that slot's name, and nothing is made up in its place.
 */
import { z } from "zod";
import { ExpError, InternalError } from "../core/errors.ts";
import { parseJsonNumber } from "../core/number-text.ts";
import type { HostTensor, HostTensors } from "../core/run-events.ts";
import type { SavedCheckpoint } from "../core/task-services.ts";
import { microBatches, wholeBatch } from "./batches.ts";
import { accumulatedName, bestName, isBestNow, observedName, slotName } from "./checkpoints.ts";
import { figuresFrom, figuresSchema } from "./figures.ts";
import type { DonePasses } from "./gradients.ts";
import { trainedOf, type Observations } from "./running.ts";
import { positionOf, type Session } from "./session.ts";
import { copyTensors, measuredParameters, namedParameters, type BestState } from "./state.ts";

const count = z.int().min(0);
/** As `jsonNumber` writes it. */
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity", "-0"])]);
const byte = z.int().min(0).max(255);

const stateSchema = z.strictObject({
  step: count,
  epoch: count,
  positionInEpoch: count,
  microStep: count,
  accumulatedLoss: z.number(),
  isEvaluationDue: z.boolean(),
  optimizer: z.string(),
  earlyStopping: z.strictObject({ reference: number.nullable(), numWithoutImprovement: count }),
  best: z.strictObject({ step: count, value: number, figures: figuresSchema }).nullable(),
  trainLoss: z.strictObject({ total: z.number(), numExamples: count }),
  ambientState: z.strictObject({ i: byte, j: byte, S: z.array(byte).length(256) }).nullable(),
});
type SavedState = z.output<typeof stateSchema>;

/** Where a run may go on, as it was saved. */
export type TrainingCheckpoint = Pick<SavedCheckpoint<unknown>, "step" | "state" | "tensors">;

/**
 * What keeps a run from going on from a checkpoint, in a few words; `undefined` where nothing does.
 * @param session - Of the run, before its first step.
 */
export function checkpointProblem(
  session: Session,
  checkpoint: TrainingCheckpoint,
): string | undefined {
  const parsed = stateSchema.safeParse(checkpoint.state);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `its state is not one of a training run: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
  }
  return stateProblem(session, parsed.data) ?? tensorProblem(session, checkpoint, parsed.data);
}

function stateProblem({ setup }: Session, state: SavedState): string | undefined {
  const { config, plan } = setup;
  const { step, microStep, optimizer, ambientState } = state;
  if (optimizer !== config.optimizer.kind) {
    return `it is of the optimizer ${optimizer}, and this run has ${config.optimizer.kind}`;
  }
  if (step > plan.numSteps) return `it is after step ${step} of ${plan.numSteps}`;
  if (microStep > 0 && microStep >= numPassesAfter(setup, step)) {
    return `it is after pass ${microStep} of a step that has no more`;
  }
  const isSeeded = config.ambientRandomness === "seeded";
  if (isSeeded === (ambientState !== null)) return undefined;
  return isSeeded
    ? "it does not hold the generator behind Math.random"
    : "it holds a generator behind Math.random, which this run does not have";
}

/** The passes of the step after this one; 0 where there is none. */
function numPassesAfter({ plan }: Session["setup"], step: number): number {
  if (step >= plan.numSteps) return 0;
  return microBatches(wholeBatch(plan, step + 1).size, plan.batchSize).length;
}

function tensorProblem(
  session: Session,
  { tensors }: TrainingCheckpoint,
  state: SavedState,
): string | undefined {
  const expected = expectedTensors(session, state);
  for (const [name, { dtype, shape }] of expected) {
    const found = tensors.get(name);
    if (found === undefined) return `it lacks the tensor ${name}`;
    if (found.dtype === dtype && found.shape.join() === shape.join()) continue;
    return `its tensor ${name} is ${found.dtype} [${found.shape.join(", ")}], and this run has ${dtype} [${shape.join(", ")}]`;
  }
  for (const name of tensors.keys()) {
    if (!expected.has(name) && !name.startsWith("observed/")) {
      return `it has the tensor ${name}, which this run does not know`;
    }
  }
  return undefined;
}

/** All that must be there. What a model observes is known only when it does. */
function expectedTensors(
  { setup, state: own }: Session,
  state: SavedState,
): ReadonlyMap<string, Pick<HostTensor, "dtype" | "shape">> {
  const expected = new Map<string, Pick<HostTensor, "dtype" | "shape">>(namedParameters(own));
  for (const [name, tensor] of own.slots) expected.set(slotName(name), tensor);
  const parameters = measuredParameters(own);
  if (state.best !== null && !isBestNow(state, state.best)) {
    for (const [name, tensor] of parameters) expected.set(bestName(name), tensor);
  }
  if (state.microStep > 0) {
    const trained = trainedOf(setup.model, parameters);
    for (const [name, tensor] of trained) expected.set(accumulatedName(name), tensor);
  }
  return expected;
}

/**
 * Puts the run where the checkpoint was taken.
 * @throws {ExpError} `store` for one that `checkpointProblem` has something against.
 */
export function restoreCheckpoint(session: Session, checkpoint: TrainingCheckpoint): void {
  const problem = checkpointProblem(session, checkpoint);
  if (problem !== undefined) {
    throw new ExpError("store", `The checkpoint cannot be gone on from: ${problem}.`);
  }
  const { state, seal } = session;
  const { tensors } = checkpoint;
  const saved = stateSchema.parse(checkpoint.state);
  for (const [name, tensor] of namedParameters(state)) copyInto(tensor, tensors, name);
  for (const [name, tensor] of state.slots) copyInto(tensor, tensors, slotName(name));
  const { reference, numWithoutImprovement } = saved.earlyStopping;
  state.step = saved.step;
  state.earlyStopping = {
    reference: reference === null ? null : parseJsonNumber(reference),
    numWithoutImprovement,
  };
  state.lossSums = saved.trainLoss;
  state.isEvaluationDue = saved.isEvaluationDue;
  state.donePasses = saved.microStep === 0 ? undefined : donePasses(session, saved, tensors);
  state.best = saved.best === null ? undefined : best(session, saved.best, tensors);
  if (saved.ambientState !== null) seal.restore(saved.ambientState);
  session.saved = positionOf(state);
}

/** In place: the backend may hold a view of the same memory. */
function copyInto(target: HostTensor, tensors: HostTensors, name: string): void {
  target.values.set(tensorOf(tensors, name).values);
}

function tensorOf(tensors: HostTensors, name: string): HostTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new InternalError(`a checkpoint without ${name} was let through`);
  return tensor;
}

function best(
  { setup, state }: Session,
  { step, value, figures }: NonNullable<SavedState["best"]>,
  tensors: HostTensors,
): BestState {
  const parameters = measuredParameters(state);
  const saved = (name: string): readonly [string, HostTensor] => [
    name,
    tensorOf(tensors, bestName(name)),
  ];
  return {
    step,
    value: parseJsonNumber(value),
    figures: figuresFrom(figures, setup.labelNames),
    parameters: isBestNow(state, { step })
      ? copyTensors(parameters)
      : new Map(Array.from(parameters.keys(), saved)),
  };
}

function donePasses(
  { setup, state }: Session,
  { microStep, accumulatedLoss }: SavedState,
  tensors: HostTensors,
): DonePasses {
  const names = [...trainedOf(setup.model, state.parameters).keys()];
  const observations = Array.from({ length: microStep }, (_, pass) => {
    const observed: Observations = new Map();
    for (const { name } of setup.model.parameters) {
      const values = tensors.get(observedName(pass, name))?.values;
      if (values instanceof Float32Array) observed.set(name, values);
    }
    return observed;
  });
  return {
    numPasses: microStep,
    loss: accumulatedLoss,
    gradients: new Map(
      names.map((name) => [name, tensorOf(tensors, accumulatedName(name))] as const),
    ),
    observations,
  };
}
