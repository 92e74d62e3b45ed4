/**
 * Tensors that training keeps from step to step, laid where the kernels of the backend reach them without a copy: on
 * `wasm` in its memory, of which the arrays are views; elsewhere they are ordinary arrays.
 */
import type { HostTensor, HostTensors } from "../core/run-events.ts";
import { currentBackend, tensorBackend } from "./wasm/current.ts";
import { OutOfMemoryError, type Heap } from "./wasm/heap.ts";
import { blockBytes } from "./wasm/region.ts";

/** Tensors with an end: after `release` nobody may look at them. */
export interface PlacedTensors {
  readonly tensors: HostTensors;
  readonly release: () => void;
}

/** Copies of the tensors. @throws {ExpError} `training` when the memory of the backend runs out. */
export function placeTensors(tensors: HostTensors): PlacedTensors {
  const placed = emptyTensors(tensors);
  for (const [name, { values }] of placed.tensors) {
    const from = tensors.get(name)?.values;
    if (values instanceof Float32Array && from instanceof Float32Array) values.set(from);
  }
  return placed;
}

/**
 * The bytes that tensors take in the backend's memory; what `placeTensors` would take there.
 * @param sizes - The number of float32 values of each.
 */
export function placedBytes(sizes: Iterable<number>): number {
  let numBytes = 0;
  for (const size of sizes) numBytes += blockBytes(size * 4);
  return numBytes;
}

/** The bytes that the backend in use can address, for all its tensors together; `undefined` where nothing limits it. */
export function addressableBytes(): number | undefined {
  return tensorBackend()?.parts.memory.maxBytes;
}

/** Tensors of the same names and shapes, whose values are undefined. Integers stay where they are. */
export function emptyTensors(like: ReadonlyMap<string, HostTensor>): PlacedTensors {
  const backend = currentBackend();
  const tensors = new Map<string, HostTensor>();
  const blocks: (readonly [address: number, numBytes: number])[] = [];
  const { heap, memory } = backend?.parts ?? {};
  for (const [name, tensor] of like) {
    const { length } = tensor.values;
    if (heap === undefined || memory === undefined || tensor.dtype !== "F32") {
      tensors.set(name, { ...tensor, values: tensor.values.slice() });
      continue;
    }
    const address = allocated(heap, length * 4);
    if (address === undefined) {
      tensors.set(name, { ...tensor, values: tensor.values.slice() });
      continue;
    }
    blocks.push([address, length * 4]);
    tensors.set(name, { ...tensor, values: memory.floats(address, length) });
  }
  const release = (): void => {
    for (const [address, numBytes] of blocks.splice(0)) heap?.free(address, numBytes, "lasting");
  };
  return { tensors, release };
}

/** Where the memory is full, an ordinary array will do, unless the tensors of the backend lie there too. */
function allocated(heap: Heap, numBytes: number): number | undefined {
  try {
    return heap.allocate(numBytes, "lasting");
  } catch (error) {
    if (error instanceof OutOfMemoryError && tensorBackend() === undefined) return undefined;
    throw error;
  }
}
