/**
 * What a model is to the training loop: named parameters and a forward pass. Models compute with the operations of
 * `src/backend` only, so that a backend can be added or replaced without touching them.
 */
import type { z } from "zod";
import type { Parameters, Shape, Tensor } from "../backend/tensor.ts";
import type { RandomStream, RandomStreams } from "../random/streams.ts";

/** What the data gives to a model, known once the data set is loaded. */
export type ModelInput =
  | {
      readonly kind: "tokens";
      readonly sequenceLength: number;
      readonly vocabSize: number;
      readonly padId: number;
    }
  | {
      /** Tokens whose next one is to be predicted, at each position: the classes are the tokens of the vocabulary. */
      readonly kind: "language";
      readonly sequenceLength: number;
      readonly vocabSize: number;
    }
  | { readonly kind: "features"; readonly numFeatures: number };

export interface ModelFacts {
  readonly input: ModelInput;
  readonly numClasses: number;
}

/** Examples of one forward pass, as plain arrays. */
export type Batch =
  | {
      readonly kind: "tokens";
      /** Number of examples. */
      readonly size: number;
      readonly sequenceLength: number;
      /** Token ids, [size, sequenceLength]. */
      readonly tokens: Int32Array;
      /** Real tokens at the front of each example, [size], 0 to sequenceLength; the rest is padding. */
      readonly lengths: Int32Array;
    }
  | {
      readonly kind: "features";
      readonly size: number;
      readonly numFeatures: number;
      /** [size, numFeatures] */
      readonly features: Float32Array;
    };

/** Whether dropout acts, and where its masks are drawn from. */
export type Mode =
  | { readonly kind: "evaluate" }
  | {
      readonly kind: "train";
      readonly streams: RandomStreams;
      /** Optimizer step, from 1: all micro-batches of a step share it. */
      readonly step: number;
      /** Place of the batch's first example in the whole batch of the step, from 0. */
      readonly position: number;
      /**
       * Keep the inputs of layers and compute these once more for the gradients (`recomputed` of
       * `lockstep/operations/recompute`), to save memory; the bits must be the same. A model may pay no heed.
       */
      readonly gradientCheckpointing?: boolean;
      /**
       * Takes what a running parameter (`ParameterSpec.running`) is to be moved towards, for this batch; a name that is
       * told twice counts once. Absent where nobody keeps running values.
       */
      readonly observe?: (name: string, values: Float32Array) => void;
    };

export interface ParameterSpec {
  /** Hugging Face's name where it has one. */
  readonly name: string;
  /** Hugging Face's layout: dense weights are [out, in]. */
  readonly shape: Shape;
  /** Weight decay acts on it: matrices, but not biases and layer norms. */
  readonly decay: boolean;
  /**
   * Absent for what is trained. A running parameter is part of the model and of its checkpoints but is no weight: it has no
   * gradient, and the optimizer never sees it. After each step and for each of its batches in their order, it becomes
   * (1 − momentum)·itself + momentum·what `forward` handed to `mode.observe`. Above 0, at most 1.
   */
  readonly running?: { readonly momentum: number };
  /** First values, float32, row-major, drawn from the parameter's own stream. */
  readonly initialise: (stream: RandomStream) => Float32Array;
}

/**
 * The logits of what comes after some tokens, [numClasses], as `forward` gives them in evaluation, bit by bit. It remembers
 * what it computed: where tokens begin with those of the call before, only the others are computed.
 * @param parameters - The same values in each call.
 */
export type ContinueText = (parameters: Parameters, tokens: Int32Array) => Float32Array;

export interface Model {
  readonly kind: string;
  /** In a fixed order: that of checkpoints, traces and sums over all parameters. */
  readonly parameters: readonly ParameterSpec[];
  /**
   * @returns Logits, [batch.size, numClasses]; for language [batch.size · batch.sequenceLength, numClasses], where the
   *   sequences of a batch may be shorter than those of training.
   */
  readonly forward: (parameters: Parameters, batch: Batch, mode: Mode) => Tensor;
  /**
   * A memory for writing one text; gives `undefined` where it could not give the bits of `forward`. A model without it
   * reads the whole text again for each character.
   */
  readonly continueText?: () => ContinueText | undefined;
}

/** The parameters that have gradients, in the model's order. */
export function trainedParameters({
  parameters,
}: Pick<Model, "parameters">): readonly ParameterSpec[] {
  return parameters.filter(({ running }) => running === undefined);
}

/** A kind of model: its config and how to build it. Built-in and users' kinds are registered alike. */
export interface ModelDefinition<Schema extends z.core.$ZodType = z.core.$ZodType> {
  /** The value of `model.kind` that selects it. */
  readonly kind: string;
  /** A strict object whose `kind` is the literal `kind`. */
  readonly schema: Schema;
  /**
   * Builds the model for a data set.
   * @throws {ExpError} `config` when the config does not fit the data.
   */
  // A method, not a property: a list of definitions of different configs must be possible.
  build(config: z.output<Schema>, facts: ModelFacts): Model;
}

/** Gives back the definition itself, with `build` typed by `schema`. For `training.with({ models: [...] })`. */
export function defineModel<Schema extends z.core.$ZodType>(
  definition: ModelDefinition<Schema>,
): ModelDefinition<Schema> {
  return definition;
}
