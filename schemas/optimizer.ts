/** Update rules. `weightDecay` is decoupled from the gradient, `l2Penalty` is a term of the loss. */
import { z } from "zod";
import { named } from "../src/core/named.ts";

/** Step size before the schedule. */
const learningRate = z.number().gt(0).max(1_000);
const decayRate = z.number().min(0).lt(1);

const adamFields = z.strictObject({
  /** Adam (Kingma & Ba, 2015) as PyTorch has it. */
  kind: z.literal("adam"),
  /** Step size before the schedule. */
  learningRate,
  /** Decay of the running mean of gradients. */
  beta1: decayRate.default(0.9),
  /** Decay of the running mean of squared gradients. */
  beta2: decayRate.default(0.999),
  /** Added to the root of the second moment. */
  epsilon: z.number().gt(0).max(1).default(1e-8),
  /** λ of the term λ/2·‖θ‖² in the loss, over matrices only. */
  l2Penalty: z.number().min(0).max(10).default(0),
});
export interface AdamConfig extends z.output<typeof adamFields> {}
export interface AdamInput extends z.input<typeof adamFields> {}

const adamwFields = z.strictObject({
  /** Adam with decoupled weight decay (Loshchilov & Hutter, 2019). */
  kind: z.literal("adamw"),
  /** Step size before the schedule. */
  learningRate,
  /** Decay of the running mean of gradients. */
  beta1: decayRate.default(0.9),
  /** Decay of the running mean of squared gradients. */
  beta2: decayRate.default(0.999),
  /** Added to the root of the second moment. */
  epsilon: z.number().gt(0).max(1).default(1e-8),
  /** Share of each matrix taken off per step, times the learning rate; biases and layer norms are spared. */
  weightDecay: z.number().min(0).max(10).default(0.01),
});
export interface AdamwConfig extends z.output<typeof adamwFields> {}
export interface AdamwInput extends z.input<typeof adamwFields> {}

const sgdFields = z.strictObject({
  /** Stochastic gradient descent, with momentum as PyTorch has it. */
  kind: z.literal("sgd"),
  /** Step size before the schedule. */
  learningRate,
  /** Share of the last step that is kept. */
  momentum: decayRate.default(0),
  /** Look ahead along the momentum (Nesterov). */
  nesterov: z.boolean().default(false),
  /** λ of the term λ/2·‖θ‖² in the loss, over matrices only. */
  l2Penalty: z.number().min(0).max(10).default(0),
});
export interface SgdConfig extends z.output<typeof sgdFields> {}
export interface SgdInput extends z.input<typeof sgdFields> {}

const lionFields = z.strictObject({
  /** Lion (Chen et al., 2023): every weight moves by the learning rate, which is 3 to 10 times smaller than AdamW's. */
  kind: z.literal("lion"),
  /** Step size before the schedule. */
  learningRate,
  /** Share of the momentum in the direction of a step. */
  beta1: decayRate.default(0.9),
  /** Decay of the momentum. */
  beta2: decayRate.default(0.99),
  /** Share of each matrix taken off per step, times the learning rate; biases and layer norms are spared. */
  weightDecay: z.number().min(0).max(100).default(0.01),
});
export interface LionConfig extends z.output<typeof lionFields> {}
export interface LionInput extends z.input<typeof lionFields> {}

const adamSchema = named<AdamConfig, AdamInput>(adamFields);
const adamwSchema = named<AdamwConfig, AdamwInput>(adamwFields);
const sgdSchema = named<SgdConfig, SgdInput>(sgdFields);

const lionSchema = named<LionConfig, LionInput>(lionFields);

export const optimizerSchemas = [adamwSchema, sgdSchema, adamSchema, lionSchema] as const;
