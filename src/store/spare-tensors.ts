/**
 * Copies of tensors in memory that earlier copies have left: checkpoints of a small model wait for each other many times a
 * second, and to be given new memory takes a process several times as long as to copy.
 */
import type { HostTensor, HostTensors } from "../core/run-events.ts";

type Values = HostTensor["values"];

/** Bytes that are kept for later copies at most: where a model is larger, its steps are long. */
const maxSpareBytes = 32 * 1024 * 1024;

/** Makes copies, and takes back those that nobody needs. */
export interface TensorCopies {
  /** Copies that nobody else has. */
  readonly copy: (tensors: HostTensors) => HostTensors;
  /** Takes copies of this maker back, each of them once: later ones are written over them. */
  readonly giveBack: (copies: HostTensors) => void;
}

/** A maker of copies with no memory so far. */
export function createTensorCopies(): TensorCopies {
  const spare = new Map<string, Values[]>();
  let numBytes = 0;
  const keyOf = ({ dtype, values }: HostTensor): string => `${dtype} ${values.length}`;
  const copyOf = (tensor: HostTensor): HostTensor => {
    const used = spare.get(keyOf(tensor))?.pop();
    if (used === undefined) return { ...tensor, values: tensor.values.slice() };
    numBytes -= used.byteLength;
    used.set(tensor.values);
    return { ...tensor, values: used };
  };
  return {
    copy: (tensors) => new Map(Array.from(tensors, ([name, tensor]) => [name, copyOf(tensor)])),
    giveBack: (copies) => {
      for (const tensor of copies.values()) {
        const { values } = tensor;
        if (numBytes + values.byteLength > maxSpareBytes) continue;
        const [key, others] = [keyOf(tensor), spare.get(keyOf(tensor))];
        if (others === undefined) spare.set(key, [values]);
        else others.push(values);
        numBytes += values.byteLength;
      }
    },
  };
}
