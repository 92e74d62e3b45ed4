/** What a case over any number of rows is. */
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";

export type Lists = readonly (readonly number[])[];

export interface RepeatedCase {
  readonly title: string;
  /** Of one block of each input whose first axis is repeated. */
  readonly repeated: readonly Shape[];
  /** Of the inputs that all rows share; they come after the others. */
  readonly shared: readonly Shape[];
  /** @param count - Blocks. */
  readonly operation: (inputs: readonly Tensor[], count: number) => Tensor;
  /** Over one block. */
  readonly reference: (inputs: Lists) => readonly number[];
  /** Whether the output adds up what the blocks give, instead of repeating it. */
  readonly isSummed?: boolean;
  readonly isDefinedForNone: boolean;
}
