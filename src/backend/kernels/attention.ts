/**
 * Loops of multi-head scaled dot-product attention, forward and backward in one kernel each. The heads lie side by side in
 * the rows of query, key and value and are never copied apart. Sums run in double precision and in index order.
 */
import { exp } from "../../random/math.ts";
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize, type Shape } from "../tensor.ts";
import { fillDropoutMask, type DropoutMask } from "./elementwise.ts";

export interface HeadSizes {
  /** Examples. */
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly numHeads: number;
  readonly headSize: number;
  /**
   * Query, key and value, and their gradients, lie side by side in the rows of one tensor, [batch · sequence,
   * 3 · heads · headSize], which is given for each of the three.
   */
  readonly isTogether: boolean;
}

/** Where the heads of query, key and value lie in the rows of their tensors. */
export interface HeadLayout {
  /** Numbers in a row. */
  readonly rowSize: number;
  /** Where in a row each of the three begins. */
  readonly starts: readonly [query: number, key: number, value: number];
}

/** See `HeadSizes.isTogether`. */
export function headLayout({ numHeads, headSize, isTogether }: HeadSizes): HeadLayout {
  const width = numHeads * headSize;
  if (isTogether) return { rowSize: 3 * width, starts: [0, width, 2 * width] };
  return { rowSize: width, starts: [0, 0, 0] };
}

export interface AttentionAttributes extends HeadSizes {
  /** Factor of the scores. */
  readonly scale: number;
  /** Whether keys after the query get the weight 0. */
  readonly causal: boolean;
  /** Acts on the weights. */
  readonly dropout: DropoutMask | undefined;
}

/** [batch · heads, queries, keys] */
export function weightShape({ batchSize, numHeads, sequenceLength }: HeadSizes): Shape {
  return [batchSize * numHeads, sequenceLength, sequenceLength];
}

/**
 * Query, key and value [batch · sequence, heads · headSize] to the output of that shape, the weights, and the weights after
 * dropout, [0] where there is none. Keys at or beyond the example's length get the weight 0, and those after the query
 * where it is causal: their scores are not looked at. An example of length 0 gets all zeros instead of 0/0.
 */
export const attentionForward: HostKernel<
  "query" | "key" | "value" | "lengths",
  AttentionAttributes
> = defineKernel({
  name: "Attention",
  inputs: ["query", "key", "value", "lengths"],
  outputShapes: ({ query }, attributes) => {
    const weights = weightShape(attributes);
    const output = [axisSize(query, 0), attributes.numHeads * attributes.headSize];
    return [output, weights, attributes.dropout === undefined ? [0] : weights];
  },
  compute: ({ floats, integers, output, attributes }) => {
    const [query, key, value] = [floats("query"), floats("key"), floats("value")];
    const [lengths, result, weights] = [integers("lengths"), output(0), output(1)];
    const { sequenceLength, headSize, scale, causal, dropout } = attributes;
    const dropped = dropout === undefined ? weights : output(2);
    const [ofQuery, ofKey, ofValue] = headLayout(attributes).starts;
    forEachQuery(attributes, ({ example, head, position, first }) => {
      const from = head(position) + ofQuery;
      const length = lengths[example] ?? 0;
      const numVisible = causal ? Math.min(length, position + 1) : length;
      for (let k = 0; k < numVisible; k++) {
        const start = head(k) + ofKey;
        weights[first + k] = dot(query, from, { other: key, start, count: headSize });
      }
      softmaxRow(weights, { first, numVisible, numKeys: sequenceLength, scale });
    });
    if (dropout !== undefined) {
      fillDropoutMask(dropped, dropout);
      for (let i = 0; i < dropped.length; i++) dropped[i] = (dropped[i] ?? 0) * (weights[i] ?? 0);
    }
    forEachQuery(attributes, ({ head, row, first }) => {
      for (let i = 0; i < headSize; i++) {
        let sum = 0;
        for (let k = 0; k < sequenceLength; k++) {
          sum += (dropped[first + k] ?? 0) * (value[head(k) + ofValue + i] ?? 0);
        }
        result[row + i] = sum;
      }
    });
  },
});

export interface AttentionGradientAttributes extends HeadSizes {
  readonly scale: number;
  /** Whether keys after the query had the weight 0: what they would have got need not be computed. */
  readonly causal: boolean;
  /** What dropout multiplies the weights by that it keeps; 1 where there is none. */
  readonly dropoutFactor: number;
}

/**
 * The gradients of query, key and value. `dropped` are the weights after dropout, or the weights. Where they are 0, so is
 * the gradient of the weight; a weight that is 0 itself passes nothing on in any case.
 */
export const attentionBackward: HostKernel<
  "query" | "key" | "value" | "weights" | "dropped" | "outputGradient",
  AttentionGradientAttributes
> = defineKernel({
  name: "AttentionGradient",
  inputs: ["query", "key", "value", "weights", "dropped", "outputGradient"],
  outputShapes: ({ query }, { isTogether }) =>
    isTogether ? [query, [0], [0]] : [query, query, query],
  compute: ({ floats, output, attributes }) => {
    const { sequenceLength, headSize, scale, dropoutFactor, isTogether } = attributes;
    const [ofQuery, ofKey, ofValue] = headLayout(attributes).starts;
    const [query, key, value] = [floats("query"), floats("key"), floats("value")];
    const [weights, dropped] = [floats("weights"), floats("dropped")];
    const gradient = floats("outputGradient");
    const querySums = new Float64Array(query.length);
    const keySums = isTogether ? querySums : new Float64Array(query.length);
    const valueSums = isTogether ? querySums : new Float64Array(query.length);
    const weightGradient = new Float64Array(sequenceLength);
    forEachQuery(attributes, ({ head, position, row, first }) => {
      const start = head(position) + ofQuery;
      let total = 0;
      for (let k = 0; k < sequenceLength; k++) {
        const kept = dropped[first + k] ?? 0;
        const place = { other: value, start: head(k) + ofValue, count: headSize };
        const product = dot(gradient, row, place);
        weightGradient[k] = kept === 0 ? 0 : product * dropoutFactor;
        total += (weights[first + k] ?? 0) * (weightGradient[k] ?? 0);
      }
      for (let k = 0; k < sequenceLength; k++) {
        const score = scale * (weights[first + k] ?? 0) * ((weightGradient[k] ?? 0) - total);
        const kept = dropped[first + k] ?? 0;
        const [atKey, atValue] = [head(k) + ofKey, head(k) + ofValue];
        for (let i = 0; i < headSize; i++) {
          querySums[start + i] = (querySums[start + i] ?? 0) + score * (key[atKey + i] ?? 0);
          keySums[atKey + i] = (keySums[atKey + i] ?? 0) + score * (query[start + i] ?? 0);
          valueSums[atValue + i] = (valueSums[atValue + i] ?? 0) + kept * (gradient[row + i] ?? 0);
        }
      }
    });
    output(0).set(querySums);
    if (isTogether) return;
    output(1).set(keySums);
    output(2).set(valueSums);
  },
});

interface QueryPlace {
  readonly example: number;
  readonly position: number;
  /** Where the row of this head begins in the output. */
  readonly row: number;
  /** Where its weights begin. */
  readonly first: number;
  /** Where the row of this head at a position begins in query, key and value, from where each of them begins. */
  readonly head: (position: number) => number;
}

function forEachQuery(sizes: HeadSizes, visit: (place: QueryPlace) => void): void {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const width = numHeads * headSize;
  const { rowSize } = headLayout(sizes);
  for (let group = 0; group < batchSize * numHeads; group++) {
    const example = Math.floor(group / numHeads);
    const [firstRow, column] = [example * sequenceLength, (group % numHeads) * headSize];
    const head = (position: number): number => (firstRow + position) * rowSize + column;
    for (let position = 0; position < sequenceLength; position++) {
      const first = (group * sequenceLength + position) * sequenceLength;
      visit({ example, position, row: (firstRow + position) * width + column, first, head });
    }
  }
}

function dot(
  values: Float32Array,
  from: number,
  {
    other,
    start,
    count,
  }: { readonly other: Float32Array; readonly start: number; readonly count: number },
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (values[from + i] ?? 0) * (other[start + i] ?? 0);
  return sum;
}

interface SoftmaxRow {
  readonly first: number;
  /** Keys at the front that get a weight. */
  readonly numVisible: number;
  readonly numKeys: number;
  readonly scale: number;
}

/** Scores to weights, in place. */
function softmaxRow(values: Float32Array, row: SoftmaxRow): void {
  const { first, scale } = row;
  const end = first + row.numVisible;
  let largest = -Infinity;
  for (let i = first; i < end; i++) largest = Math.max(largest, values[i] ?? 0);
  let sum = 0;
  for (let i = first; i < end; i++) {
    const weight = exp(((values[i] ?? 0) - largest) * scale);
    values[i] = weight;
    sum += weight;
  }
  const inverse = 1 / sum;
  for (let i = first; i < end; i++) values[i] = (values[i] ?? 0) * inverse;
  values.fill(0, end, first + row.numKeys);
}
