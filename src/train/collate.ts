/** Picks examples out of a part of the data set and lays them side by side for one pass through the model. */
import { InternalError } from "../core/errors.ts";
import type { DatasetInput, Examples } from "../data/dataset.ts";
import type { Batch } from "../model/model.ts";

/** A batch with the class of each of its examples. */
export interface LabelledBatch {
  readonly batch: Batch;
  /** [batch.size] */
  readonly labels: Int32Array;
}

/**
 * The batch of some examples, in the given order.
 * @param indices - Which examples of the part, each 0 … size − 1.
 * @throws {InternalError} when the part lacks the arrays that its input kind promises.
 */
export function collate(
  examples: Examples,
  input: DatasetInput,
  indices: readonly number[],
): LabelledBatch {
  const size = indices.length;
  const labels = gather(examples.labels, indices, new Int32Array(size));
  if (input.kind === "features") {
    const { numFeatures } = input;
    const source = present(examples.features, "features");
    const features = gather(source, indices, new Float32Array(size * numFeatures));
    return { batch: { kind: "features", size, numFeatures, features }, labels };
  }
  const { sequenceLength } = input;
  const source = present(examples.tokens, "tokens");
  const tokens = gather(source, indices, new Int32Array(size * sequenceLength));
  const lengths = gather(present(examples.lengths, "lengths"), indices, new Int32Array(size));
  return { batch: { kind: "tokens", size, sequenceLength, tokens, lengths }, labels };
}

/** Copies one row of `source` for each index into `rows`, whose size says how long a row is. */
function gather<Values extends Float32Array | Int32Array>(
  source: Values,
  indices: readonly number[],
  rows: Values,
): Values {
  const rowLength = rows.length / indices.length;
  indices.forEach((index, position) => {
    const row = source.subarray(index * rowLength, (index + 1) * rowLength);
    rows.set(row, position * rowLength);
  });
  return rows;
}

function present<Values>(values: Values | undefined, name: string): Values {
  if (values === undefined) throw new InternalError(`a part of the data set has no ${name}`);
  return values;
}
