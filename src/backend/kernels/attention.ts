/**
 * Loops of multi-head scaled dot-product attention, forward and backward in one kernel each. The heads lie side by side in
 * the rows of query, key and value and are never copied apart. Sums run in double precision and in index order.
 */
import { exp } from "../../random/math.ts";
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import type { Shape } from "../tensor.ts";
import { fillDropoutMask, type DropoutMask } from "./elementwise.ts";

export interface HeadSizes {
  /** Examples. */
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly numHeads: number;
  readonly headSize: number;
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
    return [query, weights, attributes.dropout === undefined ? [0] : weights];
  },
  compute: ({ floats, integers, output, attributes }) => {
    const [query, key, value] = [floats("query"), floats("key"), floats("value")];
    const [lengths, result, weights] = [integers("lengths"), output(0), output(1)];
    const { sequenceLength, headSize, scale, causal, dropout } = attributes;
    const dropped = dropout === undefined ? weights : output(2);
    forEachQuery(attributes, ({ example, head, position, row, first }) => {
      const length = lengths[example] ?? 0;
      const numVisible = causal ? Math.min(length, position + 1) : length;
      for (let k = 0; k < numVisible; k++) {
        weights[first + k] = dot(query, row, { other: key, start: head(k), count: headSize });
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
          sum += (dropped[first + k] ?? 0) * (value[head(k) + i] ?? 0);
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
  outputShapes: ({ query }) => [query, query, query],
  compute: ({ floats, output, attributes }) => {
    const { sequenceLength, headSize, scale, dropoutFactor } = attributes;
    const [query, key, value] = [floats("query"), floats("key"), floats("value")];
    const [weights, dropped] = [floats("weights"), floats("dropped")];
    const gradient = floats("outputGradient");
    const sums = [0, 1, 2].map(() => new Float64Array(query.length));
    const [querySums, keySums, valueSums] = sums as [Float64Array, Float64Array, Float64Array];
    const weightGradient = new Float64Array(sequenceLength);
    forEachQuery(attributes, ({ head, row, first }) => {
      let total = 0;
      for (let k = 0; k < sequenceLength; k++) {
        const kept = dropped[first + k] ?? 0;
        const product = dot(gradient, row, { other: value, start: head(k), count: headSize });
        weightGradient[k] = kept === 0 ? 0 : product * dropoutFactor;
        total += (weights[first + k] ?? 0) * (weightGradient[k] ?? 0);
      }
      for (let k = 0; k < sequenceLength; k++) {
        const score = scale * (weights[first + k] ?? 0) * ((weightGradient[k] ?? 0) - total);
        const kept = dropped[first + k] ?? 0;
        const from = head(k);
        for (let i = 0; i < headSize; i++) {
          querySums[row + i] = (querySums[row + i] ?? 0) + score * (key[from + i] ?? 0);
          keySums[from + i] = (keySums[from + i] ?? 0) + score * (query[row + i] ?? 0);
          valueSums[from + i] = (valueSums[from + i] ?? 0) + kept * (gradient[row + i] ?? 0);
        }
      }
    });
    for (const [index, values] of sums.entries()) output(index).set(values);
  },
});

interface QueryPlace {
  readonly example: number;
  readonly position: number;
  /** Where the query's row of this head begins, in query and output. */
  readonly row: number;
  /** Where its weights begin. */
  readonly first: number;
  /** Where the row of this head begins for the key at a position. */
  readonly head: (position: number) => number;
}

function forEachQuery(sizes: HeadSizes, visit: (place: QueryPlace) => void): void {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const width = numHeads * headSize;
  for (let group = 0; group < batchSize * numHeads; group++) {
    const example = Math.floor(group / numHeads);
    const start = example * sequenceLength * width + (group % numHeads) * headSize;
    const head = (position: number): number => start + position * width;
    for (let position = 0; position < sequenceLength; position++) {
      const first = (group * sequenceLength + position) * sequenceLength;
      visit({ example, position, row: head(position), first, head });
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
