/**
 * The backends `native` and `cuda` of TensorFlow.js: tensors live in TensorFlow's library, operations are its eager ones.
 * Values that JavaScript wrote stay where they are until an operation asks for them.
 */
import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { InternalError } from "../../core/errors.ts";
import type { StoredTensor } from "../storing-backend.ts";
import { allocatedSize, type Shape } from "../tensor.ts";
import type { LockstepBackend, NumberType } from "../wasm/backend.ts";
import type { Addon, AddonArray, TensorFacts } from "./addon.ts";
import type { TensorId } from "./constants.ts";
import { copiedToMemory } from "./to-memory.ts";
import { LibraryBackend } from "./library.ts";
import type { CompiledName } from "./place.ts";
import { arrayOf, typeName, typeNumber } from "./types.ts";

interface Stored extends StoredTensor {
  readonly shape: Shape;
  /** Undefined until an operation needs it. */
  id: TensorId | undefined;
  /** Values that JavaScript has; gone once the library has them. */
  values: AddonArray | undefined;
  /** Its values in the memory of `wasm`; undefined until a kernel there makes or needs them. On `native` only. */
  kept: TensorInfo | undefined;
  readonly texts: readonly Uint8Array[] | undefined;
}

/** Where tensors live, and what computes on them. */
export class NativeBackend extends LibraryBackend<Stored> {
  /** Keeps what training keeps, draws masks, and computes what the library has no operation for. */
  readonly keeper: LockstepBackend;
  /** That a product is shared out to; 1 where the library shares it out, or has one thread. */
  numThreads = 1;
  /** Tensors of the library over the memory of `wasm`, which is used again when they are deleted. */
  private readonly overMemory = new Set<TensorId>();

  constructor(addon: Addon, name: CompiledName, keeper: LockstepBackend) {
    super(addon, name);
    this.keeper = keeper;
  }

  /** A new float32 tensor whose values JavaScript writes before anybody asks for them. */
  allocate(shape: Shape): TensorInfo {
    return this.add({ dtype: "float32", values: new Float32Array(allocatedSize(shape)) }, shape);
  }

  /** A tensor over values that stay somebody else's and do not change while it lives. */
  borrow(values: Float32Array, shape: Shape): TensorInfo {
    return this.add({ dtype: "float32", values }, shape);
  }

  /** The values: of a tensor that no operation has needed yet in place, else copied. Only a new one may be written. */
  view(info: TensorInfo): AddonArray {
    const stored = this.stored.get(info.dataId);
    if (stored.texts !== undefined) throw new InternalError("a kernel was given text");
    if (stored.values !== undefined) return stored.values;
    return stored.kept === undefined
      ? this.addon.tensorDataSync(this.idOf(info))
      : this.keeper.view(stored.kept);
  }

  /**
   * After all kernels so far: an operation may read what one of them writes, and write where one still reads.
   */
  override executeAll(
    ...call: Parameters<LibraryBackend<Stored>["executeAll"]>
  ): readonly TensorFacts[] {
    this.keeper.pool.finish();
    return super.executeAll(...call);
  }

  /** The tensor in the library. */
  idOf(info: TensorInfo): TensorId {
    const stored = this.stored.get(info.dataId);
    if (stored.id !== undefined) return stored.id;
    const { values, dtype, shape, kept } = stored;
    const given = values ?? (kept && this.keeper.view(kept));
    if (given === undefined) throw new InternalError("a kernel was given text");
    stored.id = this.addon.createTensor(shape, typeNumber(this, dtype), given);
    if (values === undefined) this.overMemory.add(stored.id);
    stored.values = undefined;
    return stored.id;
  }

  /** Whether the values lie in the memory of `wasm`. */
  isInMemory(info: TensorInfo): boolean {
    return this.stored.get(info.dataId).kept !== undefined;
  }

  /** Whether a tensor of the library lies over the memory of `wasm`. */
  isOverMemory(id: TensorId): boolean {
    return this.overMemory.has(id);
  }

  /**
   * The values as a tensor of `wasm`, which stays this backend's.
   * @throws {OutOfMemoryError}
   */
  inMemory(info: TensorInfo): TensorInfo {
    const stored = this.stored.get(info.dataId);
    const { values, dtype } = stored;
    if (stored.kept === undefined && values !== undefined) {
      const kept = this.keeper.allocate(info.shape, dtype as NumberType); // text has no values
      this.keeper.view(kept).set(values);
      stored.kept = kept;
    }
    stored.kept ??= copiedToMemory(this, this.idOf(info), {
      shape: info.shape,
      dtype: dtype as NumberType,
    });
    return { ...stored.kept, shape: info.shape };
  }

  /** Takes over a tensor of `wasm`. */
  adoptKept(kept: TensorInfo): TensorInfo {
    return this.add({ dtype: kept.dtype, kept }, kept.shape);
  }

  /** Takes over a tensor that an operation made. */
  adopt({ id, shape, dtype }: TensorFacts, as: Shape = shape): TensorInfo {
    return this.add({ dtype: typeName(this.addon, dtype), id }, as);
  }

  /** The same values under another shape. */
  share(info: TensorInfo, shape: Shape): TensorInfo {
    const stored = this.stored.get(info.dataId);
    if (stored.values !== undefined) {
      return this.add({ dtype: stored.dtype, values: stored.values }, shape);
    }
    if (stored.kept !== undefined) return this.adoptKept(this.keeper.share(stored.kept, shape));
    return this.adopt(this.reshaped(this.idOf(info), shape), shape);
  }

  private add(
    stored: Pick<Stored, "dtype"> & Partial<Pick<Stored, "id" | "values" | "kept" | "texts">>,
    shape: Shape,
  ): TensorInfo {
    const { id, values, kept, texts, dtype } = stored;
    return this.register({ dtype, shape, id, values, kept, texts, refCount: 1 }, shape);
  }

  /** Values that lie in the memory of `wasm` already, such as parameters, without a copy. */
  private borrowed(values: AddonArray, shape: Shape): TensorInfo | undefined {
    if (this.name !== "native" || !(values instanceof Float32Array)) return undefined;
    const address = this.keeper.parts.memory.addressOf(values);
    return address === undefined ? undefined : this.keeper.borrow(address, shape);
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    if (dtype === "string") {
      const texts = values as Uint8Array[]; // what the engine hands over for text
      return this.add({ dtype, texts }, shape).dataId;
    }
    const array = arrayOf(values, dtype);
    const kept = this.borrowed(array, shape);
    return this.add({ dtype, ...(kept ? { kept } : { values: array }) }, shape).dataId;
  }

  override readSync(dataId: object): BackendValues {
    const { texts, values, kept, id } = this.stored.get(dataId);
    if (texts !== undefined) return [...texts];
    if (values !== undefined) return values.slice();
    if (kept !== undefined) return this.keeper.readSync(kept.dataId);
    if (id === undefined) throw new InternalError("a tensor has no values");
    return this.addon.tensorDataSync(id);
  }

  override async read(dataId: object): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  protected override free({ id, kept }: Stored): void {
    if (id !== undefined) {
      this.addon.deleteTensor(id);
      this.overMemory.delete(id);
    }
    if (kept !== undefined) this.keeper.disposeData(kept.dataId);
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true }; // what the library takes is not seen from here
  }

  override dispose(): void {
    this.constants.clear();
  }
}
