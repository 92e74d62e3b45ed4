/** Types of tensors: as TensorFlow.js calls them, and as the addon numbers them. */
import type { BackendValues, DataType } from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../../core/errors.ts";
import type { Addon, AddonArray } from "./addon.ts";

/** Types that the library's tensors have here. */
export type NativeType = "float32" | "int32" | "bool";

/**
 * The addon's number of a type.
 * @param backend - Its name is told where it has no such type.
 * @throws {ExpError} `environment` for complex numbers and text.
 */
export function typeNumber(
  { addon, name }: { readonly addon: Addon; readonly name: string },
  dtype: DataType,
): number {
  const { TF_FLOAT, TF_INT32, TF_BOOL } = addon;
  if (dtype === "float32") return TF_FLOAT;
  if (dtype === "int32") return TF_INT32;
  if (dtype === "bool") return TF_BOOL;
  throw new ExpError("environment", `The backend ${name} has no ${dtype} in operations.`, {
    hint: "Choose backend=cpu.",
  });
}

/** The type with the addon's number. @throws {InternalError} for any other. */
export function typeName({ TF_FLOAT, TF_INT32, TF_BOOL }: Addon, dtype: number): NativeType {
  if (dtype === TF_FLOAT) return "float32";
  if (dtype === TF_INT32) return "int32";
  if (dtype === TF_BOOL) return "bool";
  throw new InternalError(`an operation gave a tensor of the type ${dtype}`);
}

/** Numbers as an array of their type. @throws {ExpError} `environment` for complex numbers. */
export function arrayOf(values: BackendValues | readonly number[], dtype: DataType): AddonArray {
  const numbers = values as AddonArray | readonly number[]; // text is no number
  if (dtype === "int32") return numbers instanceof Int32Array ? numbers : Int32Array.from(numbers);
  if (dtype === "bool") return numbers instanceof Uint8Array ? numbers : Uint8Array.from(numbers);
  if (dtype === "complex64") throw new ExpError("environment", "There are no complex numbers.");
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
}
