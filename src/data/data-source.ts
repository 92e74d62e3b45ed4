/**
 * What a data source gives: labelled raw examples in an order of its own, each with the bytes that stand for it.
 * Splitting, vocabulary and encoding are the same for all sources and lie elsewhere.
 */
import type { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import type { NamedSchema, SchemaTypes } from "../core/named.ts";
import type { DataFile } from "../core/task.ts";

/** A text with its class. Its UTF-8 bytes are the example's content. */
export interface TextExample {
  readonly text: string;
  /** Name of the class. */
  readonly label: string;
}

/** Numbers with their class. */
export interface FeatureExample {
  /** Shape [numFeatures]; every value is finite. */
  readonly features: Float32Array;
  /** What stands for the example in digests and in the split: its own bytes, without the label. */
  readonly content: Uint8Array;
  /** Name of the class. */
  readonly label: string;
}

/** Examples in source order. Where `validation` or `test` is absent, that part is split off `train`. */
export interface SourceParts<Example> {
  readonly train: readonly Example[];
  readonly validation?: readonly Example[];
  readonly test?: readonly Example[];
}

interface SourceFacts {
  /** The classes in their order; absent where the training part decides. */
  readonly labels?: readonly string[];
  /** What the source has to say about itself: digests, counts of what it left out. */
  readonly facts: JsonObject;
}

export interface TextSourceData extends SourceFacts {
  readonly content: "text";
  readonly parts: SourceParts<TextExample>;
}

export interface FeatureSourceData extends SourceFacts {
  readonly content: "features";
  /** Features of every example. */
  readonly numFeatures: number;
  readonly parts: SourceParts<FeatureExample>;
}

/** Text to learn the language of: no examples and no classes. */
export interface LanguageSourceData {
  readonly content: "language";
  /** Where `validation` or `test` is absent, that part is the end of `train`. */
  readonly parts: { readonly train: string; readonly validation?: string; readonly test?: string };
  /** What the source has to say about itself. */
  readonly facts: JsonObject;
}

export type SourceData = TextSourceData | FeatureSourceData | LanguageSourceData;

/** Examples to predict, in the order in which their predictions are given; a label is optional. */
export type UnlabelledData =
  | {
      readonly content: "text";
      readonly examples: readonly (Omit<TextExample, "label"> & { readonly label?: string })[];
    }
  | {
      readonly content: "features";
      /** Features of every example. */
      readonly numFeatures: number;
      readonly examples: readonly (Omit<FeatureExample, "label"> & { readonly label?: string })[];
    };

/** What `mode=predict` reads in place of the test part, where a config names it. */
export interface UnlabelledSource<Config> {
  /** The files in reading order; `undefined` where the config names none. */
  readonly listFiles: (
    config: Config,
    projectDirectory: string,
  ) => Promise<readonly DataFile[] | undefined>;
  /** The examples. Only called where `listFiles` gives files. */
  readonly read: (request: ReadRequest<Config>) => Promise<UnlabelledData>;
}

/** What `read` is given. */
export interface ReadRequest<Config> {
  /** The resolved `data` part of the config. */
  readonly config: Config;
  /** Absolute; what locations in the config are relative to. */
  readonly projectDirectory: string;
}

/** A source of examples. `Output` is the resolved config of its `kind`, `Input` what may be written. */
export interface DataSource<Output, Input> {
  /** The value of `data.kind` that chooses it. */
  readonly kind: string;
  /** A strict object whose `kind` is the literal above; a member of the union at `data`. */
  readonly schema: NamedSchema<Output, Input>;
  /** The files that `read` will read, in that order. Throws `ExpError("data")` when one is missing. */
  readonly listFiles: (config: Output, projectDirectory: string) => Promise<readonly DataFile[]>;
  /** The examples. Throws `ExpError("data")` where the files cannot be understood. */
  readonly read: (request: ReadRequest<Output>) => Promise<SourceData>;
  /** Absent for a source that has no examples without labels: then `mode=predict` takes the test part. */
  readonly unlabelled?: UnlabelledSource<Output>;
}

/** A data source whose config type is forgotten, for tables of sources. */
export interface AnyDataSource {
  readonly kind: string;
  readonly schema: z.core.$ZodType;
  readonly listFiles: (config: never, projectDirectory: string) => Promise<readonly DataFile[]>;
  readonly read: (request: ReadRequest<never>) => Promise<SourceData>;
  readonly unlabelled?: UnlabelledSource<never>;
}

/**
 * A data source for `training.with({ dataSources: [...] })`; the built-in ones are made by it too.
 * A text source's config needs `sequenceLength`. `maxSamples` and `split` are honoured where the config has them.
 */
export function defineDataSource<Output, Input>(source: {
  readonly kind: string;
  readonly schema: SchemaTypes<Output, Input>;
  readonly listFiles: (
    config: NoInfer<Output>,
    projectDirectory: string,
  ) => Promise<readonly DataFile[]>;
  readonly read: (request: ReadRequest<NoInfer<Output>>) => Promise<SourceData>;
  readonly unlabelled?: UnlabelledSource<NoInfer<Output>>;
}): DataSource<Output, Input> {
  const schema = source.schema as NamedSchema<Output, Input>; // the same object; zod made it
  return Object.freeze({ ...source, schema });
}
