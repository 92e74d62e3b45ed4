/** TensorFlow's library as a backend calls it: operations by name, their attributes, and constants. */
import type { DataType } from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import { StoringBackend, type StoredTensor } from "../storing-backend.ts";
import type { Shape } from "../tensor.ts";
import type { Addon, OperationAttribute, TensorFacts } from "./addon.ts";
import { LibraryConstants, type TensorId } from "./constants.ts";
import type { CompiledName } from "./place.ts";
import { typeNumber } from "./types.ts";

/** A backend that computes there. */
export abstract class LibraryBackend<Stored extends StoredTensor> extends StoringBackend<Stored> {
  readonly addon: Addon;
  readonly name: CompiledName;
  readonly constants: LibraryConstants;

  constructor(addon: Addon, name: CompiledName) {
    super();
    this.addon = addon;
    this.name = name;
    this.constants = new LibraryConstants(addon);
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
    return { name, type: this.addon.TF_ATTR_TYPE, value: typeNumber(this, dtype) };
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
}
