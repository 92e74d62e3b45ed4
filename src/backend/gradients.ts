/**
 * The border between host tensors, which training keeps, and tensors of the backend. Everything that is computed in
 * between is freed before these functions return.
 */
import { dispose, engine, getBackend, ones, tensor, tidy } from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../core/errors.ts";
import type { HostTensor, HostTensors } from "../core/run-events.ts";
import { derive } from "./backward.ts";
import { differentiatedOnce, refusedAgain } from "./nested-gradients.ts";
import { sizeOf, type Parameters, type Shape, type Tensor } from "./tensor.ts";
import { addInPlace } from "./updates.ts";
import { aheadBackend, tensorBackend } from "./wasm/current.ts";

/**
 * Parameters as tensors of the backend, until `disposeParameters`. Those that lie in its memory (see `host-tensors.ts`) are
 * used where they are and must not change meanwhile; others are copied.
 */
export function uploadParameters(host: HostTensors): Parameters {
  const uploaded = new Map<string, Tensor>();
  for (const [name, { values, shape }] of host) {
    // The cpu backend keeps the array it is given.
    const copied = (): Tensor => {
      const owned = getBackend() === "cpu" ? values.slice() : values;
      return tensor(owned, [...shape], "float32");
    };
    uploaded.set(name, inPlace(values, shape) ?? copied());
  }
  return uploaded;
}

/** A tensor over an array in the backend's memory; undefined for any other array. */
function inPlace(values: HostTensor["values"], shape: Shape): Tensor | undefined {
  const backend = tensorBackend();
  const address = backend?.parts.memory.addressOf(values);
  if (backend === undefined || address === undefined) return undefined;
  return engine().makeTensorFromTensorInfo(backend.borrow(address, shape), backend);
}

/** Frees what `uploadParameters` made. */
export function disposeParameters(parameters: Parameters): void {
  for (const uploaded of parameters.values()) uploaded.dispose();
}

export interface ValueAndGradients {
  readonly value: number;
  /** One for each parameter, in their order; zeros for a parameter that the value does not depend on. */
  readonly gradients: HostTensors;
}

/**
 * The value of `compute` and its gradient with respect to every parameter.
 * @param compute - A scalar computed from these parameters with the operations of this folder. What it throws is thrown
 *   on, with nothing left behind.
 */
export function valueAndGradients(
  parameters: Parameters,
  compute: () => Tensor,
): ValueAndGradients {
  const gradients = new Map<string, HostTensor>();
  const take = (name: string, shape: Shape, values: Float32Array | undefined): void => {
    // `values` may be a view of memory that is used again.
    const owned = values?.slice() ?? new Float32Array(sizeOf(shape));
    gradients.set(name, { dtype: "F32", shape, values: owned });
  };
  return { value: takeGradients(parameters, compute, take), gradients };
}

/**
 * As `valueAndGradients`, with the gradients added to `sums`, or written there.
 * @param into - `sums` by the name of each parameter; `isFirst` overwrites them.
 * @returns The value.
 */
export function addGradients(
  parameters: Parameters,
  compute: () => Tensor,
  { sums, isFirst }: { readonly sums: HostTensors; readonly isFirst: boolean },
): number {
  return takeGradients(parameters, compute, (name, _shape, values) => {
    const sum = sums.get(name)?.values;
    if (!(sum instanceof Float32Array)) throw new InternalError(`no sum of gradients of ${name}`);
    if (!isFirst && values !== undefined) addInPlace(sum, values);
    else if (isFirst && values === undefined) sum.fill(0);
    else if (values !== undefined) sum.set(values);
  });
}

/** Receives the gradient of a parameter, which lives until it returns; undefined where the value does not depend on it. */
type TakeGradient = (name: string, shape: Shape, values: Float32Array | undefined) => void;

function takeGradients(parameters: Parameters, compute: () => Tensor, take: TakeGradient): number {
  return readScoped(() => {
    const tensors = [...parameters.values()];
    const { value, gradients } = disposingTape(() => derive(compute, tensors, one));
    let index = 0;
    for (const [name, { shape }] of parameters) {
      const gradient = gradients[index++];
      take(name, shape, gradient && viewFloats(gradient));
    }
    const [loss] = readFloats(value);
    if (loss === undefined || value.size !== 1) throw new InternalError("a loss must be a scalar");
    return loss;
  });
}

function one(value: Tensor): Tensor {
  return ones(value.shape);
}

/** The values without a copy where the backend's memory can be seen; never to be written. */
function viewFloats(from: Tensor): Float32Array {
  const view = tensorBackend()?.view(from);
  return view instanceof Float32Array ? view : from.dataSync<"float32">();
}

/**
 * Whether a row of an operation's result has the same bits however many other rows there are: not where TensorFlow's
 * library chooses by the size how it computes.
 */
export function computesRowsAlone(): boolean {
  return getBackend() === "cpu" || tensorBackend() !== undefined;
}

/** The values of what `compute` gives, row-major, in an array of their own. */
export function valuesOf(compute: () => Tensor): Float32Array {
  return readScoped(() => readFloats(compute()));
}

/** Runs `body` and frees every tensor that was made in it. Its kernels are done while its JavaScript goes on. */
function readScoped<Result>(body: () => Result): Result {
  const results: Result[] = [];
  const run = (): void => {
    tidy(() => {
      results.push(body()); // not returned: tidy takes what it is given apart in search of tensors
    });
  };
  const pool = aheadBackend()?.pool;
  if (pool === undefined) run();
  else pool.ahead(run);
  const [result] = results;
  if (result === undefined) throw new InternalError("a computation gave nothing");
  return result;
}

/**
 * Runs `body`, which takes gradients. TensorFlow.js frees what operations keep for the backward pass only at the end of
 * that pass; where it is never reached, they are freed here. An inner call leaves the tape to the outer one.
 */
export function disposingTape<Result>(body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    if (engine().state.gradientDepth === 0) disposeTape();
    throw withoutGradient(error) ?? error;
  }
}

/** What TensorFlow.js throws for an operation that has no gradient, with a way out. */
function withoutGradient(error: unknown): ExpError | undefined {
  const message = error instanceof Error ? error.message : "";
  const name = /gradient function not found for (?<name>\w+)/u.exec(message)?.groups?.["name"];
  if (name === undefined) return undefined;
  const again = differentiatedOnce(name);
  if (again !== undefined) return refusedAgain(again, error);
  return new ExpError("training", `The operation ${name} of TensorFlow.js has no gradient here.`, {
    hint: "Compose it of other operations, or give the computation a gradient of its own with tf.customGrad.",
    cause: error,
  });
}

function disposeTape(): void {
  const { state } = engine();
  const tape: typeof state.activeTape | null | undefined = state.activeTape; // absent before the first pass
  for (const { saved = [] } of tape ?? []) dispose(saved);
  state.activeTape = [];
}

function readFloats(from: Tensor): Float32Array {
  const values = from.dataSync<"float32">();
  // On cpu this is the tensor's own array, which other tensors may share.
  return getBackend() === "cpu" ? values.slice() : values;
}
