/** What a model trains on: labelled examples as numbers, in three parts, with the facts that describe them. */
import type { WordsTokenizerConfig } from "../../schemas/tokenizer.ts";
import { ExpError, InternalError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { DataFile } from "../core/task.ts";
import type { AnyDataSource, FeatureSourceData, TextSourceData } from "./data-source.ts";
import { datasetFacts } from "./dataset-facts.ts";
import { delimited } from "./delimited.ts";
import { divide, mapParts, type DivideSettings } from "./divide.ts";
import { encodeFeatures, encodeTexts, encodeWith, type EncodedText } from "./encode.ts";
import { characters } from "./characters.ts";
import { checkNumFeatures, type FittedInput } from "./fitted-input.ts";
import { idx } from "./idx.ts";
import { jsonl } from "./jsonl.ts";
import { mnist } from "./mnist.ts";
import { countSharedInputs, type SharedInputs } from "./shared-inputs.ts";
import { spamAssassin } from "./spam-assassin.ts";
import { languageDataset } from "./language-dataset.ts";
import type { PartShares, WindowedText } from "./text-parts.ts";
import { padId } from "./tokenizer.ts";

/** The parts of a data set. `validation` chooses the best checkpoint; `test` is measured once. */
export type PartName = "train" | "validation" | "test";

/**
 * Examples of one part. A part of token input has `tokens` and `lengths`, one of feature input has `features`, one of
 * language input has `text`.
 */
export interface Examples {
  readonly size: number;
  /** Index of each example's class in `Dataset.labels`, shape [size]; empty for language, whose tokens are the classes. */
  readonly labels: Int32Array;
  /** Token ids, shape [size, sequenceLength]: `[CLS]` first, padded with `padId`. */
  readonly tokens?: Int32Array;
  /** Real tokens of each example, `[CLS]` included, 1 to sequenceLength, shape [size]. */
  readonly lengths?: Int32Array;
  /** Shape [size, numFeatures]. */
  readonly features?: Float32Array;
  readonly text?: WindowedText;
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
  | {
      /** A text; the model predicts the token after each one. The classes are the tokens. */
      readonly kind: "language";
      readonly sequenceLength: number;
      readonly vocabSize: number;
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
  /** How many examples the model cannot tell from one that it trained on; in `facts` as well. */
  readonly sharedInputs: SharedInputs;
  /** Counts, digests and shares for the manifest and the model card. */
  readonly facts: JsonObject;
}

/** What loading needs of a config; that of the training task fits, also with sources of a user's own. */
export interface DatasetConfig {
  readonly mode?: string;
  readonly data: {
    readonly kind: string;
    readonly maxSamples?: number | null;
    readonly split?: PartShares & { readonly seed?: number };
    readonly sequenceLength?: number;
    readonly stride?: number;
  };
  readonly tokenizer?: WordsTokenizerConfig | undefined;
}

/** The sources of Lockstep itself. */
export const builtInDataSources: readonly AnyDataSource[] = [
  spamAssassin,
  mnist,
  delimited,
  jsonl,
  idx,
  characters,
];

/**
 * The files that loading reads, in order; for `mode: "predict"` those of `data.predict`, where the config has it.
 * @param projectDirectory - Absolute; what locations in the config are relative to.
 * @param sources - The sources to choose from by `data.kind`.
 * @throws {ExpError} `data` when a file or package is missing.
 */
export async function listFiles(
  config: DatasetConfig,
  projectDirectory: string,
  sources: readonly AnyDataSource[] = builtInDataSources,
): Promise<readonly DataFile[]> {
  const source = findSource(config, sources);
  const data = config.data as never; // the schema of its kind checked it
  const toPredict =
    config.mode === "predict"
      ? await source.unlabelled?.listFiles(data, projectDirectory)
      : undefined;
  return toPredict ?? source.listFiles(data, projectDirectory);
}

/** What loading takes beside a config. */
export interface LoadOptions {
  /** The sources to choose from by `data.kind`; by default those of Lockstep itself. */
  readonly sources?: readonly AnyDataSource[];
  /** Of a trained model: its classes and vocabulary are used, and nothing is fitted to this data. */
  readonly fitted?: FittedInput | undefined;
}

/**
 * The data set of a config: read, cut to `maxSamples`, split by content, encoded.
 * @param projectDirectory - Absolute; what locations in the config are relative to.
 * @throws {ExpError} `data` when the files are missing, broken or lack a class; `config` when tokenizer and source do
 * not go together.
 */
export async function loadDataset(
  config: DatasetConfig,
  projectDirectory: string,
  { sources = builtInDataSources, fitted }: LoadOptions = {},
): Promise<Dataset> {
  const source = findSource(config, sources);
  const request = { config: config.data as never, projectDirectory }; // the schema of its kind checked it
  const data = await source.read(request);
  switch (data.content) {
    case "text":
      return textDataset(data, config, fitted);
    case "features":
      return featureDataset(data, config, fitted);
    case "language":
      return languageDataset(data, config, fitted);
  }
}

/** The source that `data.kind` names. */
export function findSource(
  { data }: DatasetConfig,
  sources: readonly AnyDataSource[],
): AnyDataSource {
  const source = sources.findLast(({ kind }) => kind === data.kind);
  if (source !== undefined) return source;
  const kinds = sources.map(({ kind }) => kind).join(", ");
  throw new InternalError(`no data source for data.kind ${data.kind}; there are ${kinds}`);
}

function textDataset(
  data: TextSourceData,
  config: DatasetConfig,
  fitted: FittedInput | undefined,
): Dataset {
  const { tokenizer } = config;
  const { sequenceLength } = config.data;
  if (tokenizer === undefined || sequenceLength === undefined) {
    const field = tokenizer === undefined ? "tokenizer" : "data.sequenceLength";
    throw new ExpError(
      "config",
      `data.kind ${config.data.kind} gives text, which needs a ${field}.`,
      {
        hint: 'For example: tokenizer: { kind: "words" }, data: { sequenceLength: 128 }.',
      },
    );
  }
  const settings = { ...divideSettings(config), trained: fitted?.labels };
  const { labels, parts } = divide(data, settings, ({ text }) => sha256(text));
  const encoded =
    fitted === undefined
      ? encodeTexts(parts, tokenizer, sequenceLength)
      : encodeFitted(parts, fitted);
  const { tokens: vocabulary } = encoded.vocabulary;
  const sharedInputs = countSharedInputs(encoded.parts);
  return {
    labels,
    parts: encoded.parts,
    input: { kind: "tokens", sequenceLength, vocabSize: vocabulary.length, padId, vocabulary },
    sharedInputs,
    facts: datasetFacts({
      kind: config.data.kind,
      source: data.facts,
      labels,
      parts: encoded.parts,
      sharedInputs,
      encoded,
    }),
  };
}

/** A split of examples has a seed, that of a text has none. */
function divideSettings({ data: { maxSamples, split } }: DatasetConfig): DivideSettings {
  return {
    ...(maxSamples === undefined ? {} : { maxSamples }),
    ...(split === undefined ? {} : { split: { seed: 0, ...split } }),
  };
}

/** Texts as a trained model reads them. */
export function encodeFitted(
  parts: Parameters<typeof encodeWith>[0],
  { input, tokenizer }: FittedInput,
): EncodedText {
  if (input.kind !== "tokens" || tokenizer === undefined) {
    throw new ExpError("data", "The data is text; the model reads numbers.");
  }
  const { vocabulary, sequenceLength } = input;
  const { lowercase } = tokenizer;
  return encodeWith(parts, { vocabulary, sequenceLength, lowercase });
}

function featureDataset(
  data: FeatureSourceData,
  config: DatasetConfig,
  fitted: FittedInput | undefined,
): Dataset {
  if (config.tokenizer !== undefined) {
    throw new ExpError("config", `data.kind ${config.data.kind} gives numbers, not text.`, {
      issues: [{ path: ["tokenizer"], message: "is for text only; remove it" }],
    });
  }
  const { numFeatures } = data;
  if (fitted !== undefined) checkNumFeatures(numFeatures, fitted);
  const settings = { ...divideSettings(config), trained: fitted?.labels };
  const { labels, parts: raw } = divide(data, settings, ({ content }) => sha256(content));
  const parts = mapParts((part) => encodeFeatures(raw[part], numFeatures));
  const sharedInputs = countSharedInputs(parts);
  return {
    labels,
    parts,
    input: { kind: "features", numFeatures },
    sharedInputs,
    facts: datasetFacts({
      kind: config.data.kind,
      source: data.facts,
      labels,
      parts,
      sharedInputs,
    }),
  };
}
