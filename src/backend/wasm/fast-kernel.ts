/**
 * The way from an operation to the module: a kernel that `defineKernel` made gets a second implementation, which calls
 * kernels of the module with addresses, and which takes the place of its loop on this backend.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { replaceKernel, type HostKernel } from "../host-kernel.ts";
import { sizeOf, type Shape } from "../tensor.ts";
import type { LockstepBackend } from "./backend.ts";
import type { Address } from "./memory.ts";
import type { KernelArguments } from "./pool.ts";

/** One call: where inputs and outputs lie, and what computes. */
export interface FastCall<Input extends string, Attributes extends object> extends Workshop {
  readonly attributes: Attributes;
  readonly shape: (input: Input) => Shape;
  /** Of an input's values. */
  readonly address: (input: Input) => Address;
  /** Where the values of an output go. */
  readonly output: (index: number) => Address;
}

/** What every kernel needs: the threads, and memory for the time of a call. */
export interface Workshop {
  /** Calls a kernel of the module, with integers or with what `Pool.run` takes. */
  readonly run: (
    kernel: string,
    numPieces: number,
    args: readonly number[] | KernelArguments,
  ) => void;
  /** Threads that share the pieces. */
  readonly numThreads: number;
  /** Memory that is free again after `use`. */
  readonly withScratch: <Result>(numBytes: number, use: (address: Address) => Result) => Result;
  /** The float64 at an address. */
  readonly double: (address: Address) => number;
}

/** The threads and the memory of a backend, for kernels. */
export function workshopOf(backend: LockstepBackend): Workshop {
  const { heap, memory } = backend.parts;
  return {
    run: (kernel, count, args) =>
      backend.pool.run(kernel, count, "integers" in args ? args : { integers: args }),
    numThreads: backend.pool.numThreads,
    withScratch: (numBytes, use) => {
      const address = heap.allocate(numBytes, "passing");
      try {
        return use(address);
      } finally {
        heap.free(address, numBytes, "passing");
      }
    },
    double: (address) => new Float64Array(memory.wasm.buffer, address, 1)[0] ?? NaN,
  };
}

/** A kernel's fast implementation, to be registered once the backend is there. */
export type FastKernel = (backend: LockstepBackend) => void;

/** @param compute - Writes every element of every output; not called for outputs that are all empty. */
export function accelerate<Input extends string, Attributes extends object>(
  kernel: HostKernel<Input, Attributes>,
  compute: (call: FastCall<Input, Attributes>) => void,
): FastKernel {
  const { name, outputShapes, inputs: names } = kernel.definition;
  return (backend) => {
    replaceKernel(`Lockstep${name}`, "wasm", ({ inputs, attrs }) => {
      const infos = inputs as Record<Input, TensorInfo>; // what `call` in host-kernel.ts hands over
      const attributes = attrs as object as Attributes; // likewise
      const shapes: Partial<Record<Input, Shape>> = {};
      for (const input of names) shapes[input] = infos[input].shape;
      const allShapes = shapes as Record<Input, Shape>; // each was just filled in
      const outputs = outputShapes(allShapes, attributes).map((shape) => backend.allocate(shape));
      if (outputs.some(({ shape }) => sizeOf(shape) > 0)) {
        const addresses = outputs.map((info) => backend.address(info));
        compute({
          ...workshopOf(backend),
          attributes,
          shape: (input) => allShapes[input],
          address: (input) => backend.address(infos[input]),
          output: (index) => addresses[index] ?? 0,
        });
      }
      return outputs;
    });
  };
}

/** Elements of a piece of an elementwise kernel: 64 KiB, a few microseconds of work. */
export const elementsAPiece = 16384;

/** Pieces for that many things, so many of them in each. */
export function numPieces(count: number, each: number): number {
  return Math.ceil(count / each);
}

/** Rows of that width that make a piece. */
export function rowsAPiece(width: number): number {
  return Math.max(1, Math.floor(elementsAPiece / Math.max(1, width)));
}

const bits = new Float32Array(1);
const asInteger = new Int32Array(bits.buffer);

/** The bits of a float32 as an integer argument. */
export function floatBits(value: number): number {
  bits[0] = value;
  return asInteger[0] ?? 0;
}
