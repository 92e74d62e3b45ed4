/** Multi-head scaled dot-product attention as one operation, with its gradient. */
import * as tf from "@tensorflow/tfjs-core";
import { differentiable } from "./differentiable.ts";
import {
  maskedSoftmax,
  maskedSoftmaxBackward,
  mergeHeads,
  splitHeads,
  type HeadSizes,
} from "./kernels/attention.ts";
import { dropoutMask, integers, type Dropout } from "./operations.ts";
import { axisSize, type Tensor } from "./tensor.ts";

export interface AttentionInputs {
  /** Each [batch · sequence, heads · headSize]. */
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

export interface AttentionOptions {
  readonly numHeads: number;
  readonly sequenceLength: number;
  /** Keys at or beyond an example's length are padding and get no weight, [batch]. */
  readonly lengths: Int32Array;
  /** Whether a position sees itself and those before it only, as in a decoder; by default it sees all. */
  readonly causal?: boolean;
  /** Acts on the weights, after the softmax. */
  readonly dropout: Dropout | undefined;
}

/**
 * softmax(QKᵀ/√headSize)·V for each head, the heads side by side.
 * @returns [batch · sequence, heads · headSize]
 * @see Vaswani et al., "Attention Is All You Need", 2017, section 3.2.
 */
export function attention(inputs: AttentionInputs, options: AttentionOptions): Tensor {
  const sizes = headSizes(inputs.query, options);
  const scale = 1 / Math.sqrt(sizes.headSize);
  const { causal = false } = options;
  const { numHeads } = sizes;
  const split = (input: Tensor): Tensor => splitHeads.one({ input }, sizes);
  const merge = (input: Tensor): Tensor => mergeHeads.one({ input }, sizes);
  return differentiable([inputs.query, inputs.key, inputs.value], () => {
    const [query, key, value] = [split(inputs.query), split(inputs.key), split(inputs.value)];
    const scores = tf.matMul(query, key, false, true); // [batch · heads, queries, keys]
    const lengths = integers(options.lengths);
    const weights = maskedSoftmax.one({ scores, lengths }, { scale, numHeads, causal });
    const mask = createMask(weights, options.dropout);
    const dropped = mask === undefined ? weights : tf.mul(weights, mask);
    return {
      value: merge(tf.matMul(dropped, value)),
      kept: { query, key, value, weights, dropped, ...(mask !== undefined && { mask }) },
      gradient: (dy, kept: AttentionKept) => {
        const outputGradient = split(dy);
        const droppedGradient = tf.matMul(outputGradient, kept.value, false, true);
        const weightsGradient = kept.mask ? tf.mul(droppedGradient, kept.mask) : droppedGradient;
        const scoresGradient = maskedSoftmaxBackward.one(
          { weights: kept.weights, weightsGradient },
          { scale, causal },
        );
        return [
          merge(tf.matMul(scoresGradient, kept.key)),
          merge(tf.matMul(scoresGradient, kept.query, true, false)),
          merge(tf.matMul(kept.dropped, outputGradient, true, false)),
        ];
      },
    };
  });
}

/** A type alias and not an interface: only an alias fits a record of tensors. */
type AttentionKept = Readonly<Record<"query" | "key" | "value" | "weights" | "dropped", Tensor>> & {
  readonly mask?: Tensor;
};

function createMask(weights: Tensor, dropout: Dropout | undefined): Tensor | undefined {
  if (dropout === undefined || dropout.rate === 0) return undefined;
  return dropoutMask(weights.shape, dropout);
}

function headSizes(query: Tensor, options: AttentionOptions): HeadSizes {
  const { numHeads, sequenceLength } = options;
  return {
    numHeads,
    sequenceLength,
    batchSize: axisSize(query.shape, 0) / sequenceLength,
    headSize: axisSize(query.shape, 1) / numHeads,
  };
}
