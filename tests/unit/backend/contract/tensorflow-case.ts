/** What a case of `tf.*` is. */
import type { Tensor } from "../../../../src/backend/tensor.ts";
import type { Nd } from "../reference-tensorflow.ts";

export interface TensorFlowCase {
  readonly title: string;
  /** Of the inputs, each of which has a gradient. */
  readonly shapes: readonly (readonly number[])[];
  /** Makes samples that the operation is defined and smooth for. */
  readonly domain?: (value: number) => number;
  readonly operation: (inputs: readonly Tensor[]) => Tensor;
  readonly reference: (inputs: readonly Nd[]) => Nd;
}
