/**
 * BERT's encoder with a classifier on top: learned positions, GELU, padding masked in attention.
 * @see Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
 * @see Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020, for norms before the blocks.
 */
import { bertSchema, type BertConfig } from "../../schemas/model.ts";
import { selfAttention } from "../backend/operations-attention.ts";
import {
  add,
  dense,
  dropout,
  embedding,
  firstOfSequence,
  layerNorm,
  meanOfSequence,
  tanh,
} from "../backend/operations.ts";
import { parameter, type Parameters, type Tensor } from "../backend/tensor.ts";
import { InternalError } from "../core/errors.ts";
import { checkBert } from "./bert-checks.ts";
import { bertParameters, layerNames } from "./bert-parameters.ts";
import { checkpointedLayer } from "./checkpointed-layer.ts";
import { dropoutSite } from "./dropout-site.ts";
import {
  defineModel,
  type Batch,
  type Mode,
  type Model,
  type ModelDefinition,
  type ModelFacts,
} from "./model.ts";

/** Added to variances, as in the original. */
const epsilon = 1e-12;

type TokenBatch = Extract<Batch, { readonly kind: "tokens" }>;

/** `model.kind: "bert"`. */
export const bertModel: ModelDefinition<typeof bertSchema> = defineModel({
  kind: "bert",
  schema: bertSchema,
  build: buildBert,
});

function buildBert(config: BertConfig, facts: ModelFacts): Model {
  const { vocabSize } = checkBert(config, facts);
  return {
    kind: "bert",
    parameters: bertParameters(config, { vocabSize, numClasses: facts.numClasses }),
    forward: (parameters, batch, mode) => {
      if (batch.kind !== "tokens") throw new InternalError("bert was given a batch without tokens");
      const pass = new BertPass(config, { parameters, batch, mode });
      return pass.logits();
    },
  };
}

interface PassInputs {
  readonly parameters: Parameters;
  readonly batch: TokenBatch;
  readonly mode: Mode;
}

/** One forward pass. Hidden states are [batch · sequence, hiddenSize]. */
class BertPass {
  private readonly config: BertConfig;
  private readonly inputs: PassInputs;

  constructor(config: BertConfig, inputs: PassInputs) {
    this.config = config;
    this.inputs = inputs;
  }

  logits(): Tensor {
    let hidden = this.embed();
    for (let index = 0; index < this.config.numLayers; index++)
      hidden = this.checkpointed(hidden, index);
    if (this.config.normalization === "pre") hidden = this.norm(hidden, "bert.LayerNorm");
    return this.dense(this.drop(this.pool(hidden), "classifier"), "classifier");
  }

  private embed(): Tensor {
    const { size, sequenceLength, tokens } = this.inputs.batch;
    const positions = Int32Array.from(tokens, (_, index) => index % sequenceLength);
    const table = (kind: string): Tensor =>
      parameter(this.inputs.parameters, `bert.embeddings.${kind}_embeddings.weight`);
    const words = embedding(table("word"), tokens);
    const types = embedding(table("token_type"), new Int32Array(size * sequenceLength));
    const sum = add(add(words, types), embedding(table("position"), positions));
    return this.drop(this.norm(sum, "bert.embeddings.LayerNorm"), "bert.embeddings");
  }

  private checkpointed(input: Tensor, index: number): Tensor {
    const prefix = `${layerNames(this.config, index).layer}.`;
    return checkpointedLayer({ ...this.inputs, prefix }, input, (given, parameters) =>
      new BertPass(this.config, { ...this.inputs, parameters }).layer(given, index),
    );
  }

  private layer(input: Tensor, index: number): Tensor {
    const names = layerNames(this.config, index);
    const attended = this.block(input, names.attentionNorm, (normed) => {
      const output = this.dense(this.attend(normed, index), names.attentionOutput);
      return this.drop(output, names.attentionOutput);
    });
    return this.block(attended, names.feedForwardNorm, (normed) => {
      const output = this.dense(this.dense(normed, names.intermediate, "gelu"), names.output);
      return this.drop(output, names.output);
    });
  }

  /** A residual block, with its norm before the block or after the sum. */
  private block(input: Tensor, norm: string, compute: (normed: Tensor) => Tensor): Tensor {
    if (this.config.normalization === "pre") return add(input, compute(this.norm(input, norm)));
    return this.norm(add(input, compute(input)), norm);
  }

  private attend(input: Tensor, index: number): Tensor {
    const { layer, projections } = layerNames(this.config, index);
    const [query, key, value] = projections;
    const { lengths, sequenceLength } = this.inputs.batch;
    return selfAttention(
      input,
      {
        query: this.weightAndBias(query),
        key: this.weightAndBias(key),
        value: this.weightAndBias(value),
      },
      {
        numHeads: this.config.numHeads,
        sequenceLength,
        lengths,
        dropout: this.site(`${layer}.attention.self`),
      },
    );
  }

  private pool(hidden: Tensor): Tensor {
    const { sequenceLength, lengths } = this.inputs.batch;
    switch (this.config.pooling) {
      case "first":
        return tanh(this.dense(firstOfSequence(hidden, sequenceLength), "bert.pooler.dense"));
      case "mean":
        return meanOfSequence(hidden, { lengths, sequenceLength });
    }
  }

  private dense(input: Tensor, name: string, activation?: "gelu"): Tensor {
    return dense(input, { ...this.weightAndBias(name), ...(activation && { activation }) });
  }

  private norm(input: Tensor, name: string): Tensor {
    const { weight: gain, bias } = this.weightAndBias(name);
    return layerNorm(input, { gain, bias, epsilon });
  }

  private drop(input: Tensor, site: string): Tensor {
    return dropout(input, this.site(site));
  }

  private site(site: string): ReturnType<typeof dropoutSite> {
    const { dropoutRate: rate } = this.config;
    return dropoutSite(this.inputs.mode, { site, rate, numExamples: this.inputs.batch.size });
  }

  private weightAndBias(name: string): { readonly weight: Tensor; readonly bias: Tensor } {
    const { parameters } = this.inputs;
    return {
      weight: parameter(parameters, `${name}.weight`),
      bias: parameter(parameters, `${name}.bias`),
    };
  }
}
