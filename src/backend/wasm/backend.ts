/**
 * The backend `wasm` of TensorFlow.js: its tensors lie in one shared memory, on which kernels of our own compute with all
 * threads. It has no kernels itself; `prepare.ts` registers them.
 */
import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../../core/errors.ts";
import { StoringBackend, type StoredTensor } from "../storing-backend.ts";
import { allocatedSize, sizeOf, type Shape } from "../tensor.ts";
import type { Heap, HeapFacts, Life } from "./heap.ts";
import type { Address, BackendMemory } from "./memory.ts";
import type { Pool } from "./pool.ts";
import type { ThreadLibrary } from "./thread-library.ts";

/** Types whose values lie in the memory. */
export type NumberType = "float32" | "int32" | "bool";

interface Stored extends StoredTensor {
  readonly length: number;
  /** 0 for an empty tensor and for text. */
  readonly address: Address;
  /** Undefined for memory that somebody else frees. */
  readonly life: Life | undefined;
  readonly texts: readonly Uint8Array[] | undefined;
}

const bytesPerElement: Readonly<Record<NumberType, number>> = { float32: 4, int32: 4, bool: 1 };

export interface BackendParts {
  readonly memory: BackendMemory;
  readonly heap: Heap;
  readonly startPool: (numThreads: number, library?: ThreadLibrary) => Pool;
  /** Whether the engine computes the kernels with vectors of 256 bits. */
  readonly hasWideVectors: boolean;
}

/** What its threads are started with. */
export interface ThreadsOfBackend {
  readonly numThreads: number;
  readonly library?: ThreadLibrary | undefined;
}

/** The backend: where tensors lie, and what computes on them. */
export class LockstepBackend extends StoringBackend<Stored> {
  readonly name = "wasm";
  readonly parts: BackendParts;
  private threads: Pool;
  private library: ThreadLibrary | undefined;

  constructor(parts: BackendParts, { numThreads, library }: ThreadsOfBackend) {
    super();
    this.parts = parts;
    this.library = library;
    this.threads = parts.startPool(numThreads, library);
  }

  /** The threads that compute. */
  get pool(): Pool {
    return this.threads;
  }

  /**
   * From now on that many threads compute; the bits are the same. Threads of which one has died are replaced.
   * @param library - What each of them loads; what they have loaded already stays.
   * @returns When those of before have ended, and their memory is free.
   */
  async useThreads(
    numThreads: number,
    library: ThreadLibrary | undefined = this.library,
  ): Promise<void> {
    const before = this.threads;
    const hasLibrary = library?.file === this.library?.file;
    if (numThreads === before.numThreads && hasLibrary && !before.isBroken()) return;
    this.library = library;
    this.threads = this.parts.startPool(numThreads, library);
    await before.stop();
  }

  /** A new tensor whose values are undefined: whoever asks for it writes each of them. */
  allocate(shape: Shape, dtype: NumberType = "float32"): TensorInfo {
    const length = allocatedSize(shape);
    const numBytes = length * bytesPerElement[dtype];
    const address = numBytes === 0 ? 0 : this.parts.heap.allocate(numBytes, "passing");
    return this.add({ dtype, length, address, life: "passing" }, shape);
  }

  /** A tensor over memory that stays somebody else's. */
  borrow(address: Address, shape: Shape): TensorInfo {
    return this.add({ dtype: "float32", length: sizeOf(shape), address, life: undefined }, shape);
  }

  /** Where the values lie; 0 when there are none. */
  address(info: TensorInfo): Address {
    return this.stored.get(info.dataId).address;
  }

  /** The values in place, without a copy, after all kernels so far. */
  view(info: TensorInfo): Float32Array | Int32Array | Uint8Array {
    this.threads.finish();
    const { dtype, length, address, texts } = this.stored.get(info.dataId);
    if (texts !== undefined) throw new InternalError("a kernel was given text");
    const { memory } = this.parts;
    if (dtype === "float32") return memory.floats(address, length);
    if (dtype === "int32") return memory.integers(address, length);
    return new Uint8Array(memory.wasm.buffer, address, length);
  }

  /** The same values under another shape. */
  share(info: TensorInfo, shape: Shape): TensorInfo {
    this.incRef(info.dataId);
    return { dataId: info.dataId, shape: [...shape], dtype: info.dtype };
  }

  heapFacts(): HeapFacts {
    return this.parts.heap.facts();
  }

  private add(
    stored: Omit<Stored, "refCount" | "texts"> & { readonly texts?: readonly Uint8Array[] },
    shape: Shape,
  ): TensorInfo {
    return this.register({ texts: undefined, ...stored, refCount: 1 }, shape);
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    if (dtype === "string") {
      const texts = values as Uint8Array[]; // what the engine hands over for text
      const facts = { dtype, length: texts.length, address: 0, life: undefined, texts };
      return this.add(facts, shape).dataId;
    }
    if (dtype === "complex64") throw noComplexNumbers();
    const info = this.allocate(shape, dtype);
    this.view(info).set(values as ArrayLike<number>); // numbers, since it is no text
    return info.dataId;
  }

  override readSync(dataId: object): BackendValues {
    const { dtype, length, address, texts } = this.stored.get(dataId);
    if (texts !== undefined) return [...texts];
    this.threads.finish();
    // A copy in memory of its own: not everybody takes an array that threads share.
    if (dtype === "bool")
      return new Uint8Array(this.parts.memory.wasm.buffer, address, length).slice();
    if (dtype === "int32") return this.parts.memory.integers(address, length).slice();
    return this.parts.memory.floats(address, length).slice();
  }

  override async read(dataId: object): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  protected override free({ address, life, length, dtype }: Stored): void {
    if (life === undefined || address === 0) return;
    const numBytes = length * bytesPerElement[dtype as NumberType]; // text has no address
    this.parts.heap.free(address, numBytes, life);
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override dispose(): void {
    void this.threads.stop();
  }
}

function noComplexNumbers(): ExpError {
  return new ExpError("environment", "The backend wasm has no complex numbers.", {
    hint: "Use a real and an imaginary tensor, or choose backend=cpu.",
  });
}
