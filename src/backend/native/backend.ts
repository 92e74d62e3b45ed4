/**
 * The backends `native` and `cuda` of TensorFlow.js: tensors live in TensorFlow's library, operations are its eager ones.
 * Values that JavaScript wrote stay where they are until an operation asks for them.
 */
import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import { StoringBackend, type StoredTensor } from "../storing-backend.ts";
import { allocatedSize, type Shape } from "../tensor.ts";
import type { LockstepBackend } from "../wasm/backend.ts";
import type { Addon, AddonArray, OperationAttribute, TensorFacts } from "./addon.ts";
import { LibraryConstants, type TensorId } from "./constants.ts";
import type { CompiledName } from "./place.ts";

/** Types that the library's tensors have here. */
export type NativeType = "float32" | "int32" | "bool";

interface Stored extends StoredTensor {
  readonly shape: Shape;
  /** Undefined until an operation needs it. */
  id: TensorId | undefined;
  /** Values that JavaScript has; gone once the library has them. */
  values: AddonArray | undefined;
  readonly texts: readonly Uint8Array[] | undefined;
}

/** Where tensors live, and what computes on them. */
export class NativeBackend extends StoringBackend<Stored> {
  readonly addon: Addon;
  readonly name: CompiledName;
  /** Keeps what training keeps, draws masks, and computes what the library has no operation for. */
  readonly keeper: LockstepBackend;
  readonly constants: LibraryConstants;

  constructor(addon: Addon, name: CompiledName, keeper: LockstepBackend) {
    super();
    this.addon = addon;
    this.name = name;
    this.keeper = keeper;
    this.constants = new LibraryConstants(addon);
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
    return stored.values ?? this.addon.tensorDataSync(this.idOf(info));
  }

  /** The tensor in the library. */
  idOf(info: TensorInfo): TensorId {
    const stored = this.stored.get(info.dataId);
    if (stored.id !== undefined) return stored.id;
    const { values, dtype, shape } = stored;
    if (values === undefined) throw new InternalError("a kernel was given text");
    stored.id = this.addon.createTensor(shape, this.typeNumber(dtype), values);
    stored.values = undefined;
    return stored.id;
  }

  /** Takes over a tensor that an operation made. */
  adopt({ id, shape, dtype }: TensorFacts, as: Shape = shape): TensorInfo {
    return this.add({ dtype: this.typeName(dtype), id }, as);
  }

  /** The same values under another shape. */
  share(info: TensorInfo, shape: Shape): TensorInfo {
    const stored = this.stored.get(info.dataId);
    if (stored.values !== undefined) {
      return this.add({ dtype: stored.dtype, values: stored.values }, shape);
    }
    return this.adopt(this.reshaped(this.idOf(info), shape), shape);
  }

  /**
   * A tensor in the library with values that somebody else writes again as soon as this returns. It copies them itself where
   * it computes on the CPU: copies in JavaScript are garbage that is collected every few steps.
   */
  copied(values: Float32Array, shape: Shape): TensorFacts {
    const isShared = this.name === "native";
    const { addon } = this;
    const id = addon.createTensor(shape, addon.TF_FLOAT, isShared ? values : values.slice());
    if (!isShared) return { id, shape: [...shape], dtype: addon.TF_FLOAT };
    try {
      return this.execute("DeepCopy", [id], []);
    } finally {
      addon.deleteTensor(id);
    }
  }

  /** A tensor in the library with another shape over the same values, which are not copied there. */
  reshaped(id: TensorId, shape: Shape): TensorFacts {
    return this.execute("Reshape", [id, this.integers(shape)], []);
  }

  /**
   * Executes an operation with one output.
   * @throws {ExpError} `training` with the library's own text.
   */
  execute(
    name: string,
    inputs: readonly TensorId[],
    attributes: readonly OperationAttribute[],
  ): TensorFacts {
    const [output] = this.executeAll(name, { inputs, attributes, numOutputs: 1 });
    if (output === undefined) throw new InternalError(`${name} gave no output`);
    return output;
  }

  /** `execute` for an operation with several outputs. */
  executeAll(
    name: string,
    call: {
      readonly inputs: readonly TensorId[];
      readonly attributes: readonly OperationAttribute[];
      readonly numOutputs: number;
    },
  ): readonly TensorFacts[] {
    try {
      return this.addon.executeOp(name, call.attributes, call.inputs, call.numOutputs);
    } catch (error) {
      const text = thrownMessage(error).split("\n").slice(0, 3).join(" ").slice(0, 500);
      throw new ExpError("training", `TensorFlow's operation ${name} failed: ${text}`, {
        cause: error,
      });
    }
  }

  /** A constant [] in the library. */
  scalar(value: number): TensorId {
    return this.constants.scalar(value);
  }

  /** A constant vector of integers, such as a shape or axes. */
  integers(values: readonly number[]): TensorId {
    return this.constants.integers(values);
  }

  /** An attribute that names a type. */
  type(name: string, dtype: DataType = "float32"): OperationAttribute {
    return { name, type: this.addon.TF_ATTR_TYPE, value: this.typeNumber(dtype) };
  }

  /** An attribute that is true or false. */
  flag(name: string, value: boolean): OperationAttribute {
    return { name, type: this.addon.TF_ATTR_BOOL, value };
  }

  /** An attribute that is a whole number, or a list of them. */
  whole(name: string, value: number | readonly number[]): OperationAttribute {
    return { name, type: this.addon.TF_ATTR_INT, value };
  }

  /** An attribute that is a number. */
  number(name: string, value: number): OperationAttribute {
    return { name, type: this.addon.TF_ATTR_FLOAT, value };
  }

  /** An attribute that is a text. */
  text(name: string, value: string): OperationAttribute {
    return { name, type: this.addon.TF_ATTR_STRING, value };
  }

  /** Tensors in the library beside the constants. */
  numLibraryTensors(): number {
    return this.addon.getNumOfTensors() - this.constants.size;
  }

  private typeNumber(dtype: DataType): number {
    const { TF_FLOAT, TF_INT32, TF_BOOL } = this.addon;
    if (dtype === "float32") return TF_FLOAT;
    if (dtype === "int32") return TF_INT32;
    if (dtype === "bool") return TF_BOOL;
    throw new ExpError("environment", `The backend ${this.name} has no ${dtype} in operations.`, {
      hint: "Choose backend=cpu.",
    });
  }

  private typeName(dtype: number): NativeType {
    const { TF_FLOAT, TF_INT32, TF_BOOL } = this.addon;
    if (dtype === TF_FLOAT) return "float32";
    if (dtype === TF_INT32) return "int32";
    if (dtype === TF_BOOL) return "bool";
    throw new InternalError(`an operation gave a tensor of the type ${dtype}`);
  }

  private add(
    stored: Pick<Stored, "dtype"> & Partial<Pick<Stored, "id" | "values" | "texts">>,
    shape: Shape,
  ): TensorInfo {
    const { id, values, texts, dtype } = stored;
    return this.register({ dtype, shape, id, values, texts, refCount: 1 }, shape);
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    if (dtype === "string") {
      const texts = values as Uint8Array[]; // what the engine hands over for text
      return this.add({ dtype, texts }, shape).dataId;
    }
    const typed = values as AddonArray | readonly number[]; // numbers, since it is no text
    return this.add({ dtype, values: arrayOf(typed, dtype) }, shape).dataId;
  }

  override readSync(dataId: object): BackendValues {
    const { texts, values, id } = this.stored.get(dataId);
    if (texts !== undefined) return [...texts];
    if (values !== undefined) return values.slice();
    if (id === undefined) throw new InternalError("a tensor has no values");
    return this.addon.tensorDataSync(id);
  }

  override async read(dataId: object): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  protected override free({ id }: Stored): void {
    if (id !== undefined) this.addon.deleteTensor(id);
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true }; // what the library takes is not seen from here
  }

  override dispose(): void {
    this.constants.clear();
  }
}

function arrayOf(values: AddonArray | readonly number[], dtype: DataType): AddonArray {
  if (dtype === "int32") return values instanceof Int32Array ? values : Int32Array.from(values);
  if (dtype === "bool") return values instanceof Uint8Array ? values : Uint8Array.from(values);
  if (dtype === "complex64") throw new ExpError("environment", "There are no complex numbers.");
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
