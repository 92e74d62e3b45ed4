/** Picks examples out of a part of the data set and lays them side by side for one pass through the model. */
import { InternalError } from "../core/errors.ts";
import type { DatasetInput, Examples } from "../data/dataset.ts";
import type { WindowedText } from "../data/text-parts.ts";
import type { Batch } from "../model/model.ts";

/** Stands for the class of a row that has none. */
const noTarget = -1;

/** A batch with what the model is to say about it. */
export interface LabelledBatch {
  readonly batch: Batch;
  /**
   * The class of each row of logits: of each example, [batch.size], or of the token after each one for language,
   * [batch.size · sequenceLength]. −1 where there is none, as behind the end of a text.
   */
  readonly targets: Int32Array;
}

/** Rows of logits that an example has. */
export function rowsPerExample(input: DatasetInput): number {
  return input.kind === "language" ? input.sequenceLength : 1;
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
  if (input.kind === "language") {
    return cutWindows(present(examples.text, "text"), input.sequenceLength, indices);
  }
  const targets = gather(examples.labels, indices, new Int32Array(size));
  if (input.kind === "features") {
    const { numFeatures } = input;
    const source = present(examples.features, "features");
    const features = gather(source, indices, new Float32Array(size * numFeatures));
    return { batch: { kind: "features", size, numFeatures, features }, targets };
  }
  const { sequenceLength } = input;
  const source = present(examples.tokens, "tokens");
  const tokens = gather(source, indices, new Int32Array(size * sequenceLength));
  const lengths = gather(present(examples.lengths, "lengths"), indices, new Int32Array(size));
  return { batch: { kind: "tokens", size, sequenceLength, tokens, lengths }, targets };
}

/** Windows of a text; of one that ends early the rest is padding. */
function cutWindows(
  { ids, stride }: WindowedText,
  sequenceLength: number,
  indices: readonly number[],
): LabelledBatch {
  const size = indices.length;
  const tokens = new Int32Array(size * sequenceLength);
  const targets = new Int32Array(size * sequenceLength).fill(noTarget);
  const lengths = new Int32Array(size);
  indices.forEach((index, position) => {
    const start = index * stride;
    const following = ids.subarray(start + 1, start + 1 + sequenceLength);
    tokens.set(ids.subarray(start, start + following.length), position * sequenceLength);
    targets.set(following, position * sequenceLength);
    lengths[position] = following.length;
  });
  return { batch: { kind: "tokens", size, sequenceLength, tokens, lengths }, targets };
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
