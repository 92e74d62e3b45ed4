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
import { dense, denseGradient } from "./kernels/dense.ts";
import { stackLayers, unstackLayers } from "./kernels/stacked-layers.ts";
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
  const { query, key, value } = inputs;
  checkTensor("attention: query", query, ["batch · sequence", "heads · headSize"]);
  checkTensor("attention: key", key, query.shape);
  checkTensor("attention: value", value, query.shape);
  const sizes = headSizes([axisSize(query.shape, 0), axisSize(query.shape, 1)], options);
  return differentiable([query, key, value], () => attend({ query, key, value }, sizes, options));
}

/** A projection of the input: a dense layer with as many outputs as all heads have together. */
export interface Projection {
  /** [heads · headSize, in] */
  readonly weight: Tensor;
  /** [heads · headSize] */
  readonly bias: Tensor;
}

/** What query, key and value are computed with. */
export interface Projections {
  readonly query: Projection;
  readonly key: Projection;
  readonly value: Projection;
}

/**
 * `attention` with query, key and value projected from one input, in one product; forwards it has the bits of three `dense`
 * and `attention`, backwards the gradient of the input is one sum.
 * @param input - [batch · sequence, in]
 * @returns [batch · sequence, heads · headSize]
 */
export function selfAttention(
  input: Tensor,
  { query, key, value }: Projections,
  options: AttentionOptions,
): Tensor {
  checkTensor("selfAttention: input", input, ["batch · sequence", "in"]);
  const width = axisSize(query.weight.shape, 0);
  for (const [name, { weight, bias }] of Object.entries({ query, key, value })) {
    checkTensor(`selfAttention: weight of ${name}`, weight, [width, axisSize(input.shape, 1)]);
    checkTensor(`selfAttention: bias of ${name}`, bias, [width]);
  }
  const sizes = headSizes([axisSize(input.shape, 0), width], options);
  const weights = [query.weight, key.weight, value.weight] as const;
  const biases = [query.bias, key.bias, value.bias] as const;
  return differentiable([input, ...weights, ...biases], () => {
    const [queryWeight, keyWeight, valueWeight] = weights;
    const [queryBias, keyBias, valueBias] = biases;
    const layers = { queryWeight, keyWeight, valueWeight, queryBias, keyBias, valueBias };
    const [weight, bias] = stackLayers.call(layers, {});
    if (!weight || !bias) throw new InternalError("stacked layers have no weight or no bias");
    const together = dense.one({ input, weight, bias }, { activation: "none" });
    const inputs = { query: together, key: together, value: together };
    const pass = attend(inputs, { ...sizes, isTogether: true }, options);
    return {
      value: pass.value,
      kept: { together, input, weight, weights: pass.kept.weights, dropped: pass.kept.dropped },
      gradient: (outputGradient, kept) => {
        const three = { query: kept.together, key: kept.together, value: kept.together };
        const [ofTogether] = pass.gradient(outputGradient, { ...kept, ...three });
        if (!ofTogether) throw new InternalError("attention gave no gradient");
        return projectionGradients(ofTogether, kept);
      },
    };
  });
}

/** The gradients of the input, the three weights and the three biases, from that of the three projections side by side. */
function projectionGradients(
  outputGradient: Tensor,
  { input, weight }: Readonly<Record<"input" | "weight", Tensor>>,
): readonly Tensor[] {
  const [ofWeight, ofInput, ofBias] = denseGradient.call(
    { outputGradient, atActivation: outputGradient, input, weight },
    { activation: "none", ofInput: true, ofBias: true },
  );
  if (!ofWeight || !ofInput || !ofBias) throw new InternalError("dense gave too few gradients");
  return [ofInput, ...unstackLayers.call({ weight: ofWeight, bias: ofBias }, {})];
}

interface AttentionPass {
  readonly value: Tensor;
  readonly kept: Readonly<Record<keyof AttentionInputs | "weights" | "dropped", Tensor>>;
  /** Of query, key and value; of all in the first one where they are together. */
  readonly gradient: (outputGradient: Tensor, kept: AttentionPass["kept"]) => readonly Tensor[];
}

/** Attention without the way to its inputs. */
function attend(
  inputs: AttentionInputs,
  sizes: HeadSizes,
  { lengths, causal = false, dropout: site }: AttentionOptions,
): AttentionPass {
  const scale = 1 / Math.sqrt(sizes.headSize);
  const dropout = maskOf(weightShape(sizes), site);
  const attributes = { ...sizes, scale, causal, dropout };
  const tensors = { ...inputs, lengths: integers(lengths) };
  const [value, weights, afterDropout] = attentionForward.call(tensors, attributes);
  if (!value || !weights || !afterDropout) throw new InternalError("attention gave too little");
  const dropped = dropout === undefined ? weights : afterDropout;
  const dropoutFactor = dropout === undefined ? 1 : 1 / (1 - dropout.rate);
  return {
    value,
    kept: { ...inputs, weights, dropped },
    gradient: (outputGradient, kept) => {
      const { query, key, value: values } = kept;
      const given = { query, key, value: values, weights: kept.weights, dropped: kept.dropped };
      const options = { ...sizes, scale, causal, dropoutFactor };
      return attentionBackward.call({ ...given, outputGradient }, options);
    },
  };
}

function headSizes(
  [rows, width]: readonly [rows: number, width: number],
  { numHeads, sequenceLength, lengths }: AttentionOptions,
): HeadSizes {
  checkCount("attention: sequenceLength", sequenceLength, 1);
  checkCount("attention: numHeads", numHeads, 1);
  checkDivides("attention: rows of query", rows, sequenceLength);
  checkDivides("attention: width of query", width, numHeads);
  const batchSize = rows / sequenceLength;
  checkLengths("attention", lengths, { batchSize, sequenceLength });
  return { numHeads, sequenceLength, batchSize, headSize: width / numHeads, isTogether: false };
}
