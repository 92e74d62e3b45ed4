/**
 * GPT-2's decoder: causal attention, norms before the blocks and a last one after them, learned positions, exact GELU, and
 * the embeddings of the tokens as the matrix of the output too.
 * @see Radford et al., "Language Models are Unsupervised Multitask Learners", 2019.
 */
import { gptSchema, type GptConfig } from "../../schemas/model.ts";
import { selfAttention } from "../backend/operations-attention.ts";
import { project } from "../backend/operations-projection.ts";
import { add, dense, dropout, embedding, layerNorm } from "../backend/operations.ts";
import { parameter, type Parameters, type Tensor } from "../backend/tensor.ts";
import { InternalError } from "../core/errors.ts";
import { checkpointedLayer } from "./checkpointed-layer.ts";
import { dropoutSite } from "./dropout-site.ts";
import { continueGpt } from "./gpt-continued.ts";
import {
  gptEpsilon,
  gptLayerNames,
  gptNames,
  gptParameters,
  type GptLayerNames,
} from "./gpt-parameters.ts";
import {
  defineModel,
  type Batch,
  type Mode,
  type Model,
  type ModelDefinition,
  type ModelFacts,
} from "./model.ts";
import { checkSizes, modelMismatch } from "./transformer-checks.ts";

type TokenBatch = Extract<Batch, { readonly kind: "tokens" }>;

/** `model.kind: "gpt"`. */
export const gptModel: ModelDefinition<typeof gptSchema> = defineModel({
  kind: "gpt",
  schema: gptSchema,
  build: buildGpt,
});

function buildGpt(config: GptConfig, { input }: ModelFacts): Model {
  if (input.kind !== "language") {
    const [found, other] =
      input.kind === "tokens" ? ["is text with classes", "bert"] : ["has numeric features", "mlp"];
    const message = `gpt predicts the next character of a text, and the data ${found}.`;
    const issue = { path: ["model", "kind"], message, value: '"gpt"' };
    throw modelMismatch([issue], `Choose model.kind=${other}, or data.kind=characters.`);
  }
  checkSizes(config, input);
  return {
    kind: "gpt",
    parameters: gptParameters(config, input.vocabSize),
    forward: (parameters, batch, mode) => {
      if (batch.kind !== "tokens") throw new InternalError("gpt was given a batch without tokens");
      return new GptPass(config, { parameters, batch, mode }).logits();
    },
    continueText: () => continueGpt(config),
  };
}

interface PassInputs {
  readonly parameters: Parameters;
  readonly batch: TokenBatch;
  readonly mode: Mode;
}

/** One forward pass. Hidden states are [batch · sequence, hiddenSize]. */
class GptPass {
  private readonly config: GptConfig;
  private readonly inputs: PassInputs;

  constructor(config: GptConfig, inputs: PassInputs) {
    this.config = config;
    this.inputs = inputs;
  }

  /** [batch · sequence, vocabSize] */
  logits(): Tensor {
    let hidden = this.embed();
    for (let index = 0; index < this.config.numLayers; index++)
      hidden = this.checkpointed(hidden, index);
    return project(this.norm(hidden, gptNames.finalNorm), this.table(gptNames.tokens));
  }

  private embed(): Tensor {
    const { sequenceLength, tokens } = this.inputs.batch;
    const positions = Int32Array.from(tokens, (_, index) => index % sequenceLength);
    const words = embedding(this.table(gptNames.tokens), tokens);
    const sum = add(words, embedding(this.table(gptNames.positions), positions));
    return this.drop(sum, "transformer");
  }

  private checkpointed(input: Tensor, index: number): Tensor {
    const prefix = `${gptLayerNames(index).layer}.`;
    return checkpointedLayer({ ...this.inputs, prefix }, input, (given, parameters) =>
      new GptPass(this.config, { ...this.inputs, parameters }).layer(given, index),
    );
  }

  private layer(input: Tensor, index: number): Tensor {
    const names = gptLayerNames(index);
    const heads = this.attend(this.norm(input, names.attentionNorm), names);
    const attended = this.dense(heads, names.attentionOutput);
    const hidden = add(input, this.drop(attended, names.attentionOutput));
    const wide = this.dense(this.norm(hidden, names.feedForwardNorm), names.intermediate, "gelu");
    return add(hidden, this.drop(this.dense(wide, names.output), names.output));
  }

  private attend(input: Tensor, { attention: site, projections }: GptLayerNames): Tensor {
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
        causal: true,
        dropout: this.site(site),
      },
    );
  }

  private dense(input: Tensor, name: string, activation?: "gelu"): Tensor {
    return dense(input, { ...this.weightAndBias(name), ...(activation && { activation }) });
  }

  private norm(input: Tensor, name: string): Tensor {
    const { weight: gain, bias } = this.weightAndBias(name);
    return layerNorm(input, { gain, bias, epsilon: gptEpsilon });
  }

  private drop(input: Tensor, site: string): Tensor {
    return dropout(input, this.site(site));
  }

  private site(site: string): ReturnType<typeof dropoutSite> {
    const { dropoutRate: rate } = this.config;
    return dropoutSite(this.inputs.mode, { site, rate, numExamples: this.inputs.batch.size });
  }

  private table(name: string): Tensor {
    return parameter(this.inputs.parameters, `${name}.weight`);
  }

  private weightAndBias(name: string): { readonly weight: Tensor; readonly bias: Tensor } {
    return {
      weight: this.table(name),
      bias: parameter(this.inputs.parameters, `${name}.bias`),
    };
  }
}
