/**
 * The way from an operation to the module: a kernel that `defineKernel` made gets a second implementation, which calls
 * kernels of the module with addresses, and which takes the place of its loop on this backend.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { replaceKernel, type HostKernel, type KernelDefinition } from "../host-kernel.ts";
import { sizeOf, type Shape } from "../tensor.ts";
import type { LockstepBackend } from "./backend.ts";
import type { Address } from "./memory.ts";
import type { KernelArguments } from "./command-queue.ts";

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
  /** Whether products of many matrices are a library's. */
  readonly hasLibrary: boolean;
  /** Whether the engine computes the kernels with vectors of 256 bits. */
  readonly hasWideVectors: boolean;
  /** Memory that is free again after `use`. */
  readonly withScratch: <Result>(numBytes: number, use: (address: Address) => Result) => Result;
  /** Numbers at an address, without a copy, after all kernels so far. */
  readonly integers: (address: Address, length: number) => Int32Array;
  readonly doubles: (address: Address, length: number) => Float64Array;
}

const workshops = new WeakMap<LockstepBackend, Workshop>();

/** The threads and the memory of a backend, for kernels. */
export function workshopOf(backend: LockstepBackend): Workshop {
  const known = workshops.get(backend);
  if (known !== undefined) return known;
  const workshop = new BackendWorkshop(backend);
  workshops.set(backend, workshop);
  return workshop;
}

/** Classes, and not objects with functions of their own: a step makes hundreds of calls, and a function costs most of one. */
class BackendWorkshop implements Workshop {
  protected readonly backend: LockstepBackend;

  constructor(backend: LockstepBackend) {
    this.backend = backend;
  }

  get numThreads(): number {
    return this.backend.pool.numThreads;
  }

  get hasLibrary(): boolean {
    return this.backend.pool.hasLibrary;
  }

  get hasWideVectors(): boolean {
    return this.backend.parts.hasWideVectors;
  }

  run(kernel: string, count: number, args: readonly number[] | KernelArguments): void {
    this.backend.pool.run(kernel, count, "integers" in args ? args : { integers: args });
  }

  withScratch<Result>(numBytes: number, use: (address: Address) => Result): Result {
    const { heap } = this.backend.parts;
    const address = heap.allocate(numBytes, "passing");
    try {
      return use(address);
    } finally {
      heap.free(address, numBytes, "passing");
    }
  }

  integers(address: Address, length: number): Int32Array {
    this.backend.pool.finish();
    return this.backend.parts.memory.integers(address, length);
  }

  doubles(address: Address, length: number): Float64Array {
    this.backend.pool.finish();
    return new Float64Array(this.backend.parts.memory.wasm.buffer, address, length);
  }
}

class BackendCall<Input extends string, Attributes extends object>
  extends BackendWorkshop
  implements FastCall<Input, Attributes>
{
  readonly attributes: Attributes;
  readonly outputs: TensorInfo[];
  private readonly infos: Readonly<Record<Input, TensorInfo>>;

  constructor(
    backend: LockstepBackend,
    { outputShapes, inputs: names }: KernelDefinition<Input, Attributes>,
    { infos, attributes }: { infos: Readonly<Record<Input, TensorInfo>>; attributes: Attributes },
  ) {
    super(backend);
    this.infos = infos;
    this.attributes = attributes;
    const shapes: Partial<Record<Input, Shape>> = {};
    for (const input of names) shapes[input] = infos[input].shape;
    // Each was just filled in.
    const outputs = outputShapes(shapes as Record<Input, Shape>, attributes);
    this.outputs = outputs.map((shape) => backend.allocate(shape));
  }

  shape(input: Input): Shape {
    return this.infos[input].shape;
  }

  address(input: Input): Address {
    return this.backend.address(this.infos[input]);
  }

  output(index: number): Address {
    const output = this.outputs[index];
    return output === undefined ? 0 : this.backend.address(output);
  }
}

/** A kernel's fast implementation, to be registered once the backend is there. */
export type FastKernel = (backend: LockstepBackend) => void;

/** @param compute - Writes every element of every output; not called for outputs that are all empty. */
export function accelerate<Input extends string, Attributes extends object>(
  { definition }: HostKernel<Input, Attributes>,
  compute: (call: FastCall<Input, Attributes>) => void,
): FastKernel {
  return (backend) => {
    replaceKernel(`Lockstep${definition.name}`, "wasm", ({ inputs, attrs }) => {
      const infos = inputs as Record<Input, TensorInfo>; // what `call` in host-kernel.ts hands over
      const attributes = attrs as object as Attributes; // likewise
      return computeFast(backend, definition, { infos, attributes, compute });
    });
  };
}

/**
 * One call of such an implementation.
 * @returns Its outputs. Where it throws, there are none.
 */
export function computeFast<Input extends string, Attributes extends object>(
  backend: LockstepBackend,
  definition: KernelDefinition<Input, Attributes>,
  { compute, ...given }: GivenCall<Input, Attributes>,
): TensorInfo[] {
  const call = new BackendCall(backend, definition, given);
  try {
    if (call.outputs.some(({ shape }) => sizeOf(shape) > 0)) compute(call);
    return call.outputs;
  } catch (error) {
    for (const { dataId } of call.outputs) backend.disposeData(dataId);
    throw error;
  }
}

interface GivenCall<Input extends string, Attributes extends object> {
  readonly infos: Readonly<Record<Input, TensorInfo>>;
  readonly attributes: Attributes;
  readonly compute: (call: FastCall<Input, Attributes>) => void;
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
