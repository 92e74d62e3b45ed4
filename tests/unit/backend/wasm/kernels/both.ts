/** A kernel on one backend, with values from arrays: for comparing loops with what takes their place. */
import { dispose, tensor } from "@tensorflow/tfjs-core";
import type { BackendName } from "../../../../../src/backend/choose.ts";
import type { HostKernel } from "../../../../../src/backend/host-kernel.ts";
import { prepareBackend } from "../../../../../src/backend/prepare.ts";
import type { Shape } from "../../../../../src/backend/tensor.ts";

export interface Values {
  readonly values: Float32Array | Int32Array;
  readonly shape: Shape;
}

/** The bytes of each output. */
export async function outputsOf<Input extends string, Attributes extends object>(
  place: { readonly backend: BackendName; readonly threads: number },
  kernel: HostKernel<Input, Attributes>,
  call: { readonly inputs: Readonly<Record<Input, Values>>; readonly attributes: Attributes },
): Promise<readonly Float32Array[]> {
  await prepareBackend(place.backend, { threads: place.threads });
  const tensors = Object.entries<Values>(call.inputs).map(([name, { values, shape }]) => {
    const dtype = values instanceof Int32Array ? "int32" : "float32";
    return [name, tensor(values.slice(), [...shape], dtype)] as const;
  });
  const inputs = Object.fromEntries(tensors) as Parameters<typeof kernel.call>[0]; // the names of `call`
  const outputs = kernel.call(inputs, call.attributes);
  const values = outputs.map((output) => Float32Array.from(output.dataSync()));
  dispose([...outputs, ...Object.values(inputs)] as Parameters<typeof dispose>[0]);
  return values;
}

/** Bits as text, so that a difference can be read. */
export function bitsOf(outputs: readonly Float32Array[]): readonly string[] {
  return outputs.map(({ buffer }) => Buffer.from(buffer).toString("hex"));
}
