/** Named slots of optimizer state: `<slot>/<parameter name>`. */
import type { AdamArrays } from "../backend/kernels/updates.ts";
import type { Updated } from "../backend/updates.ts";
import { InternalError } from "../core/errors.ts";
import type { HostTensor, HostTensors } from "../core/run-events.ts";
import type { OptimizerTensors } from "./optimizer.ts";

/** Zeros of the parameters' shapes, slot by slot, in the order of the parameters. */
export function zeroSlots(slots: readonly string[], parameters: HostTensors): HostTensors {
  const state = new Map<string, HostTensor>();
  for (const slot of slots) {
    for (const [name, { shape, values }] of parameters) {
      const zeros = new Float32Array(values.length);
      state.set(slotName(slot, name), { dtype: "F32", shape, values: zeros });
    }
  }
  return state;
}

/** The name of a parameter's tensor in a slot. */
export function slotName(slot: string, parameterName: string): string {
  return `${slot}/${parameterName}`;
}

/** The values of the float32 tensor called `name`. */
export function floats(tensors: HostTensors, name: string): Float32Array {
  const values = tensors.get(name)?.values;
  if (values instanceof Float32Array) return values;
  throw new InternalError(`there is no float32 tensor ${name}`);
}

/** What Adam's updates take of one parameter, with its slots `m` and `v`. */
export function adamArrays(
  { parameters, gradients, state }: OptimizerTensors,
  name: string,
  isDecayed: boolean,
): Updated<AdamArrays> {
  const arrays = {
    parameter: floats(parameters, name),
    gradient: floats(gradients, name),
    mean: floats(state, slotName("m", name)),
    square: floats(state, slotName("v", name)),
  };
  return { arrays, isDecayed };
}
