/**
 * Gradients from what TensorFlow.js recorded. Its own backward pass keeps every gradient and everything that was kept for
 * the pass until the end of it; this one gives each back when it was used for the last time, so that the next one lies
 * where the caches still are, and a step takes less memory.
 */
import { engine, tidy } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import { combined } from "./operations-projection.ts";
import type { Tensor } from "./tensor.ts";

type TapeNode = ReturnType<typeof engine>["state"]["activeTape"][number];

/** A value with its gradients. */
export interface Derived {
  readonly value: Tensor;
  /** One for each input; undefined where the value does not depend on it. */
  readonly gradients: readonly (Tensor | undefined)[];
}

/**
 * The value of `compute` and its gradients with respect to the inputs. Called inside of a `tidy`, which frees both.
 * @param outputGradient - Of the value; ones by default. It stays the caller's.
 * @throws {Error} where an operation on the way has no gradient, or gives one of a wrong shape.
 */
export function derive(
  compute: () => Tensor,
  inputs: readonly Tensor[],
  outputGradient: (value: Tensor) => Tensor,
): Derived {
  const { state } = engine();
  const value = recording(() => tidy(compute));
  const tape = [...state.activeTape];
  const isOuter = state.gradientDepth === 0;
  const lasting = isOuter ? inputs : [...inputs, ...tape.flatMap(({ outputs }) => outputs)];
  const held = new HeldGradients(lasting, value.id);
  held.give(value, outputGradient(value));
  const reached = reachedFrom(inputs, tape);
  for (const node of tape.toReversed()) {
    const dys = node.outputs.map((output) => held.of(output));
    if (node.outputs.some(({ id }) => reached.has(id)) && dys.some((dy) => dy !== undefined)) {
      passThrough(node, { dys, reached, held });
    }
    for (const output of node.outputs) held.release(output);
    if (isOuter) for (const kept of node.saved ?? []) kept.dispose();
  }
  if (isOuter) state.activeTape = [];
  return { value, gradients: inputs.map((input) => held.of(input)) };
}

/** Runs `compute` while TensorFlow.js records operations that can be differentiated. */
function recording(compute: () => Tensor): Tensor {
  const { state } = engine();
  if (state.gradientDepth === 0) state.activeTape = [];
  state.gradientDepth++;
  try {
    return compute();
  } finally {
    state.gradientDepth--;
  }
}

/** The numbers of all tensors that depend on one of the inputs. */
function reachedFrom(inputs: readonly Tensor[], tape: readonly TapeNode[]): ReadonlySet<number> {
  const reached = new Set(inputs.map(({ id }) => id));
  for (const node of tape) {
    const isReached = givenInputs(node).some(([, { id }]) => reached.has(id));
    if (isReached) for (const { id } of node.outputs) reached.add(id);
  }
  return reached;
}

interface Pass {
  /** Of the outputs. */
  readonly dys: readonly (Tensor | undefined)[];
  readonly reached: ReadonlySet<number>;
  readonly held: HeldGradients;
}

/** From the gradients of an operation's outputs to those of its inputs. */
function passThrough(node: TapeNode, { dys, reached, held }: Pass): void {
  const inputs = givenInputs(node).filter(([, { id }]) => reached.has(id));
  const gradients = tidy(() => gradientsOf(node, { dys, inputs }));
  for (const gradient of gradients) held.hold(gradient);
  for (const [index, [, input]] of inputs.entries()) {
    const gradient = gradients[index];
    if (gradient !== undefined) held.give(input, gradient);
  }
  for (const gradient of gradients) held.drop(gradient);
}

type NamedInput = readonly [name: string, input: Tensor];

/** An operation may have inputs that need not be given, which the type does not say: `tf.batchNorm` without a scale. */
function givenInputs({ inputs }: TapeNode): readonly NamedInput[] {
  const named: Readonly<Record<string, Tensor | null | undefined>> = inputs;
  return Object.entries(named).flatMap(([name, input]) =>
    input === undefined || input === null ? [] : [[name, input] as const],
  );
}

function gradientsOf(
  { kernelName, gradient }: TapeNode,
  { dys, inputs }: Pick<Pass, "dys"> & { readonly inputs: readonly NamedInput[] },
): Tensor[] {
  if (gradient === undefined) {
    throw new Error(`Cannot compute gradient: gradient function not found for ${kernelName}.`);
  }
  // An output without a gradient gets zeros there, which the type does not say.
  const computes = gradient(dys as Tensor[]);
  return inputs.map(([name, input]) => {
    const computed = computes[name]?.();
    if (computed === undefined) {
      throw new Error(`Cannot backprop through input ${name} of ${kernelName}.`);
    }
    checkLike(computed, input, `Error in gradient for op ${kernelName}. The gradient of '${name}'`);
    return computed.kept ? computed.clone() : computed; // what an operation kept goes with it
  });
}

function checkLike(gradient: Tensor, input: Tensor, what: string): void {
  const isLike = gradient.shape.join() === input.shape.join() && gradient.dtype === "float32";
  if (isLike) return;
  const found = `${gradient.dtype} [${gradient.shape.join()}]`;
  throw new Error(`${what} is ${found}, expected float32 [${input.shape.join()}].`);
}

/** The gradients of tensors during a backward pass, and how often each of them is one. */
class HeldGradients {
  private readonly byTensor = new Map<number, Tensor>();
  private readonly numUses = new Map<Tensor, number>();
  private readonly lasting: ReadonlySet<number>;
  private readonly lastId: number;

  /**
   * @param lasting - Tensors whose gradients are kept.
   * @param lastId - Tensors up to this number were there before the pass, and are somebody else's.
   */
  constructor(lasting: readonly Tensor[], lastId: number) {
    this.lasting = new Set(lasting.map(({ id }) => id));
    this.lastId = lastId;
  }

  of({ id }: Tensor): Tensor | undefined {
    return this.byTensor.get(id);
  }

  /** One more gradient of a tensor: several add up. */
  give(tensor: Tensor, gradient: Tensor): void {
    const before = this.byTensor.get(tensor.id);
    const sum: Tensor = before === undefined ? gradient : combined("Add", before, gradient);
    this.hold(sum);
    if (before !== undefined) this.drop(before);
    this.byTensor.set(tensor.id, sum);
  }

  /** The gradient of that tensor is not needed any more. */
  release(tensor: Tensor): void {
    const gradient = this.byTensor.get(tensor.id);
    if (gradient === undefined || this.lasting.has(tensor.id)) return;
    this.byTensor.delete(tensor.id);
    this.drop(gradient);
  }

  /** One more use of a gradient, which is there until `drop` was called as often. */
  hold(gradient: Tensor): void {
    this.numUses.set(gradient, (this.numUses.get(gradient) ?? 0) + 1);
  }

  drop(gradient: Tensor): void {
    const numUses = this.numUses.get(gradient);
    if (numUses === undefined) throw new InternalError("a gradient was given back twice");
    this.numUses.set(gradient, numUses - 1);
    if (numUses > 1) return;
    this.numUses.delete(gradient);
    if (gradient.id > this.lastId) gradient.dispose();
  }
}
