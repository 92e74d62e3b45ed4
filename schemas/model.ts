/** The built-in models. */
import { z } from "zod";
import { named } from "../src/core/named.ts";

const dropoutRate = z.number().min(0).lt(1);

const bertFields = z.strictObject({
  /** Transformer encoder with a classifier on top (Devlin et al., 2019). */
  kind: z.literal("bert"),
  /** Blocks of attention and feed-forward layer, one after the other. */
  numLayers: z.int().min(1).max(128),
  /** Width of every token's vector; a multiple of `numHeads`. */
  hiddenSize: z.int().min(1).max(65_536),
  /** Heads of attention in each block. */
  numHeads: z.int().min(1).max(1_024),
  /** Width inside each feed-forward block. */
  feedForwardSize: z.int().min(1).max(262_144),
  /** Positions that the model has learned vectors for: the longest sequence that it can read. */
  contextLength: z.int().min(2).max(65_536).default(128),
  /** Share of the values that dropout zeroes: embeddings, attention weights, each block's output, classifier input. */
  dropoutRate: dropoutRate.default(0.1),
  /** Layer norm before each block, or after its residual sum as in the paper. */
  normalization: z.enum(["pre", "post"]).default("post"),
  /** What the classifier reads: the first token through a tanh layer, or the mean of all real tokens. */
  pooling: z.enum(["first", "mean"]).default("first"),
});
export interface BertConfig extends z.output<typeof bertFields> {}
export interface BertInput extends z.input<typeof bertFields> {}

const gptFields = z.strictObject({
  /** Transformer decoder that predicts the next token (GPT-2; Radford et al., 2019). */
  kind: z.literal("gpt"),
  /** Blocks of attention and feed-forward layer, one after the other. */
  numLayers: z.int().min(1).max(128),
  /** Width of every token's vector; a multiple of `numHeads`. */
  hiddenSize: z.int().min(1).max(65_536),
  /** Heads of attention in each block. */
  numHeads: z.int().min(1).max(1_024),
  /** Width inside each feed-forward block. */
  feedForwardSize: z.int().min(1).max(262_144),
  /** Positions that the model has learned vectors for: how far back it can look, when it samples too. */
  contextLength: z.int().min(2).max(65_536).default(128),
  /** Share of the values that dropout zeroes: embeddings, attention weights, each block's output. */
  dropoutRate: dropoutRate.default(0.1),
});
export interface GptConfig extends z.output<typeof gptFields> {}
export interface GptInput extends z.input<typeof gptFields> {}

const mlpFields = z.strictObject({
  /** Dense layers over numeric features. */
  kind: z.literal("mlp"),
  /** Widths of the hidden layers, first to last; empty for a linear classifier. */
  hiddenSizes: z.array(z.int().min(1).max(65_536)).max(64),
  /** Function after each hidden layer. */
  activation: z.enum(["relu", "gelu", "tanh"]).default("relu"),
  /** Share of each hidden layer's values that dropout zeroes. */
  dropoutRate: dropoutRate.default(0),
});
export interface MlpConfig extends z.output<typeof mlpFields> {}
export interface MlpInput extends z.input<typeof mlpFields> {}

export const bertSchema = named<BertConfig, BertInput>(bertFields);
export const gptSchema = named<GptConfig, GptInput>(gptFields);
export const mlpSchema = named<MlpConfig, MlpInput>(mlpFields);

export const modelSchemas = [bertSchema, gptSchema, mlpSchema] as const;
