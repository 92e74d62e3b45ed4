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
  /** Width inside each feed-forward block, in units. */
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
  /** Width inside each feed-forward block, in units. */
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

const imageFields = z.strictObject({
  /** Rows of pixels. */
  height: z.int().min(1).max(65_536),
  /** Pixels of a row. */
  width: z.int().min(1).max(65_536),
  /** Numbers of a pixel, side by side in the data: 1 for grey, 3 for colours. */
  channels: z.int().min(1).max(65_536).default(1),
});

const stageFields = z.strictObject({
  /** Channels that the convolution gives. */
  channels: z.int().min(1).max(65_536),
  /** Height and width of the convolution's window, in pixels. */
  kernelSize: z.int().min(1).max(255).default(3),
  /** Pixels from one window to the next. */
  stride: z.int().min(1).max(255).default(1),
  /** Zeros around the image; (kernelSize − 1)/2 keeps its size where the stride is 1. */
  padding: z.int().min(0).max(127).default(1),
  /** How each window of `poolSize` becomes one pixel at the end of the stage. */
  pooling: z.enum(["max", "average", "none"]).default("max"),
  /** Height and width of a pooling window, and the step to the next one. */
  poolSize: z.int().min(1).max(255).default(2),
});

const cnnFields = z.strictObject({
  /** Stages of convolution, batch norm, activation and pooling, then dense layers (LeCun et al., 1998). */
  kind: z.literal("cnn"),
  /** What the features of an example are; their number is height · width · channels. */
  image: imageFields,
  /** First to last. */
  stages: z.array(stageFields).min(1).max(64),
  /** Batch norm after each convolution, which then has no bias; or a bias alone. */
  normalization: z.enum(["batch", "none"]).default("batch"),
  /** Share by which each batch moves the running mean and variance that evaluation uses. */
  batchNormMomentum: z.number().gt(0).max(1).default(0.1),
  /** Function after each convolution and each hidden layer. */
  activation: z.enum(["relu", "gelu"]).default("relu"),
  /** Widths of the hidden dense layers after the last stage; empty for the classifier alone. */
  hiddenSizes: z.array(z.int().min(1).max(65_536)).max(64).default([]),
  /** Share of the values that dropout zeroes before each dense layer. */
  dropoutRate: dropoutRate.default(0),
});
export interface CnnConfig extends z.output<typeof cnnFields> {}
export interface CnnInput extends z.input<typeof cnnFields> {}

export const bertSchema = named<BertConfig, BertInput>(bertFields);
export const cnnSchema = named<CnnConfig, CnnInput>(cnnFields);
export const gptSchema = named<GptConfig, GptInput>(gptFields);
export const mlpSchema = named<MlpConfig, MlpInput>(mlpFields);

export const modelSchemas = [bertSchema, cnnSchema, gptSchema, mlpSchema] as const;
