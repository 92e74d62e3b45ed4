/** How a text becomes numbers. The vocabulary is learned from the training part alone. */
import { z } from "zod";
import { field } from "../src/core/marks.ts";
import { named } from "../src/core/named.ts";

const wordsFields = z.strictObject({
  /** Runs of ASCII letters, single digits, and every other visible character by itself. */
  kind: z.literal("words"),
  /** Entries of the vocabulary, special tokens included; the most frequent tokens are kept. */
  vocabSize: z
    .int()
    .min(4)
    .max(1_000_000)
    .default(8_000)
    .meta(field({ unit: "tokens", onlyInModes: ["train"] })),
  /** Tokens seen less often in the training part are unknown. */
  minFrequency: z
    .int()
    .min(1)
    .default(1)
    .meta(field({ onlyInModes: ["train"] })),
  /** ASCII letters are made lower case first. */
  lowercase: z.boolean().default(true),
});
export interface WordsTokenizerConfig extends z.output<typeof wordsFields> {}
export interface WordsTokenizerInput extends z.input<typeof wordsFields> {}

const wordsTokenizerSchema = named<WordsTokenizerConfig, WordsTokenizerInput>(wordsFields);

export const tokenizerSchemas = [wordsTokenizerSchema] as const;
