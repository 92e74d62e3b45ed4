/** Named host tensors from plain lists, and back. */
import type { HostTensor, HostTensors } from "../../../src/core/run-events.ts";

export function tensorsOf(lists: Readonly<Record<string, readonly number[]>>): HostTensors {
  return new Map(
    Object.entries(lists).map(([name, values]): [string, HostTensor] => [
      name,
      { dtype: "F32", shape: [values.length], values: Float32Array.from(values) },
    ]),
  );
}

export function valuesAt(tensors: HostTensors, name: string): number[] {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`no tensor ${name}`);
  return [...tensor.values];
}
