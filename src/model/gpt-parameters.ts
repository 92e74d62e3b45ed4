/**
 * Names, shapes and first values of GPT's parameters: those of Hugging Face's `GPT2LMHeadModel`, with three differences.
 * Weights are [out, in], where its `Conv1D` has [in, out]; `c_attn` is three matrices `c_attn.query`, `.key` and `.value`,
 * which there lie side by side; and `lm_head.weight`, which is `transformer.wte.weight` itself, stands there only once.
 */
import type { GptConfig } from "../../schemas/model.ts";
import { sizeOf, type Shape } from "../backend/tensor.ts";
import { normal } from "./initialise.ts";
import type { ParameterSpec } from "./model.ts";
import { denseSpecs, layerNormSpecs } from "./parameter-specs.ts";

/** Added to variances, as in the original. */
export const gptEpsilon = 1e-5;

/** Of all weights and embeddings. */
const standardDeviation = 0.02;

/** The names of a model's parts, without `.weight` and `.bias`. */
export const gptNames = {
  tokens: "transformer.wte",
  positions: "transformer.wpe",
  finalNorm: "transformer.ln_f",
} as const;

/** All parameters in the order of the forward pass. */
export function gptParameters(config: GptConfig, vocabSize: number): readonly ParameterSpec[] {
  const { hiddenSize, numLayers, contextLength } = config;
  const layers = Array.from({ length: numLayers }, (_, index) => layerParameters(config, index));
  return [
    embeddingSpec(gptNames.tokens, [vocabSize, hiddenSize]),
    embeddingSpec(gptNames.positions, [contextLength, hiddenSize]),
    ...layers.flat(),
    ...layerNormSpecs(gptNames.finalNorm, hiddenSize),
  ];
}

/**
 * The matrices that add to the residual stream begin smaller, by 1/√(2 · layers): so that its variance does not grow with
 * the number of layers.
 * @see Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3.
 */
function layerParameters(config: GptConfig, index: number): readonly ParameterSpec[] {
  const { hiddenSize, feedForwardSize, numLayers } = config;
  const names = gptLayerNames(index);
  const residual = standardDeviation / Math.sqrt(2 * numLayers);
  return [
    ...layerNormSpecs(names.attentionNorm, hiddenSize),
    ...names.projections.flatMap((name) => weights(name, [hiddenSize, hiddenSize])),
    ...weights(names.attentionOutput, [hiddenSize, hiddenSize], residual),
    ...layerNormSpecs(names.feedForwardNorm, hiddenSize),
    ...weights(names.intermediate, [feedForwardSize, hiddenSize]),
    ...weights(names.output, [hiddenSize, feedForwardSize], residual),
  ];
}

/** Names of the parts of one block, without `.weight` and `.bias`. */
export interface GptLayerNames {
  readonly layer: string;
  readonly attention: string;
  readonly attentionNorm: string;
  /** Of query, key and value, in this order. */
  readonly projections: readonly [query: string, key: string, value: string];
  readonly attentionOutput: string;
  readonly feedForwardNorm: string;
  readonly intermediate: string;
  readonly output: string;
}

/** The names of block `index`. */
export function gptLayerNames(index: number): GptLayerNames {
  const layer = `transformer.h.${index}`;
  const attention = `${layer}.attn`;
  return {
    layer,
    attention,
    attentionNorm: `${layer}.ln_1`,
    projections: [
      `${attention}.c_attn.query`,
      `${attention}.c_attn.key`,
      `${attention}.c_attn.value`,
    ],
    attentionOutput: `${attention}.c_proj`,
    feedForwardNorm: `${layer}.ln_2`,
    intermediate: `${layer}.mlp.c_fc`,
    output: `${layer}.mlp.c_proj`,
  };
}

function embeddingSpec(name: string, shape: Shape): ParameterSpec {
  const initialise = normal(sizeOf(shape), standardDeviation);
  return { name: `${name}.weight`, shape, decay: true, initialise };
}

function weights(
  name: string,
  shape: readonly [outputs: number, inputs: number],
  deviation: number = standardDeviation,
): readonly ParameterSpec[] {
  return denseSpecs(name, shape, normal(sizeOf(shape), deviation));
}
