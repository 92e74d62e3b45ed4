/** What a model trains on: labelled examples as numbers, in three parts, with the facts that describe them. */
import type { JsonObject } from "../core/json.ts";

/** The parts of a data set. `validation` chooses the best checkpoint; `test` is measured once. */
export type PartName = "train" | "validation" | "test";

/** Examples of one part. A part of token input has `tokens` and `lengths`, one of feature input has `features`. */
export interface Examples {
  readonly size: number;
  /** Index of each example's class in `Dataset.labels`, shape [size]. */
  readonly labels: Int32Array;
  /** Token ids, shape [size, sequenceLength]: `[CLS]` first, padded with `padId`. */
  readonly tokens?: Int32Array;
  /** Real tokens of each example, `[CLS]` included, 1 to sequenceLength, shape [size]. */
  readonly lengths?: Int32Array;
  /** Shape [size, numFeatures]. */
  readonly features?: Float32Array;
  /** SHA-256 of an example's content (not of its label) in 64 hex digits; `index` from 0 to size - 1. */
  digest(index: number): string;
}

/** What the model has to accept. */
export type DatasetInput =
  | {
      readonly kind: "tokens";
      readonly sequenceLength: number;
      readonly vocabSize: number;
      readonly padId: number;
      /** The token of each id. */
      readonly vocabulary: readonly string[];
    }
  | { readonly kind: "features"; readonly numFeatures: number };

/** A data set that is ready to train on. Nothing of it may be changed. */
export interface Dataset {
  /** Names of the classes, in the order of their indices. At least two. */
  readonly labels: readonly string[];
  /** `train` and `validation` are never empty; `test` is empty only where `data.split.test` is 0 and no file is given. */
  readonly parts: Readonly<Record<PartName, Examples>>;
  readonly input: DatasetInput;
  /** Counts, digests and shares for the manifest and the model card. */
  readonly facts: JsonObject;
}
