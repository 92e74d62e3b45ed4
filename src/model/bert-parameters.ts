/**
 * Names, shapes and first values of BERT's parameters, as Hugging Face's `BertForSequenceClassification` has them, so that
 * a checkpoint can be read there. With norms before the blocks, the names are those of its `RobertaPreLayerNorm`.
 */
import type { BertConfig } from "../../schemas/model.ts";
import { truncatedNormal } from "./initialise.ts";
import type { ParameterSpec } from "./model.ts";
import { denseSpecs, layerNormSpecs } from "./parameter-specs.ts";

/** Of all weights and embeddings, truncated at two of them, as in the original implementation. */
const standardDeviation = 0.02;
/** Kinds of segments, as in pretrained models; a classifier of single texts uses the first. */
const numTokenTypes = 2;

export interface BertSizes {
  readonly vocabSize: number;
  readonly numClasses: number;
}

/** All parameters in the order of the forward pass. */
export function bertParameters(config: BertConfig, sizes: BertSizes): readonly ParameterSpec[] {
  const { hiddenSize, numLayers, normalization, pooling } = config;
  const layers = Array.from({ length: numLayers }, (_, index) => layerParameters(config, index));
  return [
    embeddingSpec("word", [sizes.vocabSize, hiddenSize]),
    embeddingSpec("position", [config.contextLength, hiddenSize]),
    embeddingSpec("token_type", [numTokenTypes, hiddenSize]),
    ...layerNormSpecs("bert.embeddings.LayerNorm", hiddenSize),
    ...layers.flat(),
    ...(normalization === "pre" ? layerNormSpecs("bert.LayerNorm", hiddenSize) : []),
    ...(pooling === "first" ? weights("bert.pooler.dense", hiddenSize, hiddenSize) : []),
    ...weights("classifier", sizes.numClasses, hiddenSize),
  ];
}

function layerParameters(config: BertConfig, index: number): readonly ParameterSpec[] {
  const { hiddenSize, feedForwardSize } = config;
  const names = layerNames(config, index);
  return [
    ...names.projections.flatMap((name) => weights(name, hiddenSize, hiddenSize)),
    ...weights(names.attentionOutput, hiddenSize, hiddenSize),
    ...layerNormSpecs(names.attentionNorm, hiddenSize),
    ...weights(names.intermediate, feedForwardSize, hiddenSize),
    ...weights(names.output, hiddenSize, feedForwardSize),
    ...layerNormSpecs(names.feedForwardNorm, hiddenSize),
  ];
}

export interface LayerNames {
  readonly layer: string;
  /** Of query, key and value, in this order. */
  readonly projections: readonly [query: string, key: string, value: string];
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly intermediate: string;
  readonly output: string;
  readonly feedForwardNorm: string;
}

/** Names of the parts of encoder layer `index`, without `.weight` and `.bias`. */
export function layerNames(config: Pick<BertConfig, "normalization">, index: number): LayerNames {
  const layer = `bert.encoder.layer.${index}`;
  const self = `${layer}.attention.self`;
  const isPre = config.normalization === "pre";
  return {
    layer,
    projections: [`${self}.query`, `${self}.key`, `${self}.value`],
    attentionOutput: `${layer}.attention.output.dense`,
    attentionNorm: isPre ? `${layer}.attention.LayerNorm` : `${layer}.attention.output.LayerNorm`,
    intermediate: `${layer}.intermediate.dense`,
    output: `${layer}.output.dense`,
    feedForwardNorm: isPre ? `${layer}.intermediate.LayerNorm` : `${layer}.output.LayerNorm`,
  };
}

function embeddingSpec(
  kind: string,
  shape: readonly [entries: number, width: number],
): ParameterSpec {
  const [entries, width] = shape;
  return {
    name: `bert.embeddings.${kind}_embeddings.weight`,
    shape,
    decay: true,
    initialise: truncatedNormal(entries * width, standardDeviation),
  };
}

function weights(name: string, out: number, inputs: number): readonly ParameterSpec[] {
  return denseSpecs(name, [out, inputs], truncatedNormal(out * inputs, standardDeviation));
}
