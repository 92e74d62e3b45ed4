/**
 * The border between host tensors, which training keeps, and tensors of the backend. Everything that is computed in
 * between is freed before these functions return.
 */
import { dispose, engine, getBackend, tensor, tidy } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import type { HostTensors } from "../core/run-events.ts";
import { sizeOf, type Parameters, type Tensor } from "./tensor.ts";

/**
 * Copies parameters to the backend. They stay as they are there until `disposeParameters`; the host tensors may be
 * overwritten meanwhile. After an update they are uploaded anew: nothing on a backend changes in place.
 */
export function uploadParameters(host: HostTensors): Parameters {
  const uploaded = new Map<string, Tensor>();
  for (const [name, { values, shape }] of host) {
    // The cpu backend keeps the array it is given; wasm copies it into its heap.
    const owned = getBackend() === "cpu" ? values.slice() : values;
    uploaded.set(name, tensor(owned, [...shape], "float32"));
  }
  return uploaded;
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
  return readScoped(() => {
    const tensors = [...parameters.values()];
    const { value, grads } = disposingTape(() =>
      engine().gradients(compute, tensors, undefined, true),
    );
    const gradients = new Map(
      [...parameters].map(([name, { shape }], index) => {
        const gradient: Tensor | null | undefined = grads[index]; // absent for an unused parameter
        const values = gradient ? readFloats(gradient) : new Float32Array(sizeOf(shape));
        return [name, { dtype: "F32", shape, values }] as const;
      }),
    );
    const [loss] = readFloats(value);
    if (loss === undefined || value.size !== 1) throw new InternalError("a loss must be a scalar");
    return { value: loss, gradients };
  });
}

/** The values of what `compute` gives, row-major, in an array of their own. */
export function valuesOf(compute: () => Tensor): Float32Array {
  return readScoped(() => readFloats(compute()));
}

/** Runs `body` and frees every tensor that was made in it. */
function readScoped<Result>(body: () => Result): Result {
  const results: Result[] = [];
  tidy(() => {
    results.push(body()); // not returned: tidy takes what it is given apart in search of tensors
  });
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
    throw error;
  }
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
