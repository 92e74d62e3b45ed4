/** Multi-head scaled dot-product attention as one operation, with its gradient. */
import { InternalError } from "../core/errors.ts";
import { checkCount, checkDivides, checkLengths, checkTensor } from "./arguments.ts";
import { differentiable } from "./differentiable.ts";
import {
  attentionBackward,
  attentionForward,
  weightShape,
  type HeadSizes,
} from "./kernels/attention.ts";
import { integers, maskOf, type Dropout } from "./operations.ts";
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
  const sizes = headSizes(inputs, options);
  const scale = 1 / Math.sqrt(sizes.headSize);
  const dropout = maskOf(weightShape(sizes), options.dropout);
  const causal = options.causal ?? false;
  return differentiable([inputs.query, inputs.key, inputs.value], () => {
    const attributes = { ...sizes, scale, causal, dropout };
    const tensors = { ...inputs, lengths: integers(options.lengths) };
    const [value, weights, afterDropout] = attentionForward.call(tensors, attributes);
    if (!value || !weights || !afterDropout) throw new InternalError("attention gave too little");
    const dropped = dropout === undefined ? weights : afterDropout;
    return {
      value,
      kept: { ...inputs, weights, dropped },
      gradient: (outputGradient, kept) =>
        attentionBackward.call(
          { ...kept, outputGradient },
          {
            ...sizes,
            scale,
            causal,
            dropoutFactor: dropout === undefined ? 1 : 1 / (1 - dropout.rate),
          },
        ),
    };
  });
}

function headSizes({ query, key, value }: AttentionInputs, options: AttentionOptions): HeadSizes {
  const { numHeads, sequenceLength } = options;
  checkTensor("attention: query", query, ["batch · sequence", "heads · headSize"]);
  checkTensor("attention: key", key, query.shape);
  checkTensor("attention: value", value, query.shape);
  const [rows, width] = [axisSize(query.shape, 0), axisSize(query.shape, 1)];
  checkCount("attention: sequenceLength", sequenceLength, 1);
  checkCount("attention: numHeads", numHeads, 1);
  checkDivides("attention: rows of query", rows, sequenceLength);
  checkDivides("attention: width of query", width, numHeads);
  const batchSize = rows / sequenceLength;
  checkLengths("attention", options.lengths, { batchSize, sequenceLength });
  return { numHeads, sequenceLength, batchSize, headSize: width / numHeads };
}
