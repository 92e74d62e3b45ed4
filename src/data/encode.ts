/** Raw examples to the arrays that a model reads. */
import type { WordsTokenizerConfig } from "../../schemas/tokenizer.ts";
import type { Examples, PartName } from "./dataset.ts";
import { mapParts, type Labelled } from "./divide.ts";
import {
  buildVocabulary,
  classifierId,
  padId,
  splitWords,
  unknownId,
  vocabularyOf,
  type Vocabulary,
} from "./tokenizer.ts";

type Parts<Example> = Readonly<Record<PartName, readonly Labelled<Example>[]>>;

/** What encoding a part left out or did not know. */
export interface EncodingFacts {
  /** Examples with more tokens than fit. */
  readonly numCut: number;
  /** Examples without any token. */
  readonly numEmpty: number;
  /** Share of the tokens that the vocabulary lacks; special tokens do not count. */
  readonly unknownTokenShare: number;
}

export interface EncodedText {
  readonly parts: Readonly<Record<PartName, Examples>>;
  readonly vocabulary: Vocabulary;
  readonly facts: Readonly<Record<PartName, EncodingFacts>>;
}

/**
 * Texts as token ids. An example is `[CLS]`, then its first sequenceLength - 1 tokens, then padding. The vocabulary
 * counts the tokens that the model sees of the training part and nothing else.
 * @param sequenceLength - At least 2.
 */
export function encodeTexts(
  parts: Parts<{ readonly text: string }>,
  tokenizer: WordsTokenizerConfig,
  sequenceLength: number,
): EncodedText {
  const room = sequenceLength - 1;
  // One token more than fits tells a text that was cut from one that fits exactly.
  const tokens = mapParts((part) =>
    parts[part].map(({ example }) => splitWords(example.text, tokenizer.lowercase, room + 1)),
  );
  const seen = tokens.train.map((list) => list.slice(0, room));
  const vocabulary = buildVocabulary(seen, tokenizer);
  return encodeParts(parts, tokens, { vocabulary, sequenceLength });
}

/** Texts as the ids of a vocabulary that an earlier training counted; cut and padded as in `encodeTexts`. */
export function encodeWith(
  parts: Parts<{ readonly text: string }>,
  tokens: TokenSettings,
): EncodedText {
  const vocabulary = vocabularyOf(tokens.vocabulary);
  const { lowercase, sequenceLength } = tokens;
  const found = mapParts((part) =>
    parts[part].map(({ example }) => splitWords(example.text, lowercase, sequenceLength)),
  );
  return encodeParts(parts, found, { vocabulary, sequenceLength });
}

/** How a trained model reads text. */
export interface TokenSettings {
  /** The token of each id. */
  readonly vocabulary: readonly string[];
  readonly lowercase: boolean;
  readonly sequenceLength: number;
}

function encodeParts(
  parts: Parts<{ readonly text: string }>,
  tokens: Readonly<Record<PartName, readonly (readonly string[])[]>>,
  { vocabulary, sequenceLength }: { vocabulary: Vocabulary; sequenceLength: number },
): EncodedText {
  const encoded = mapParts((part) =>
    encodePart(parts[part], tokens[part], { vocabulary, sequenceLength }),
  );
  return {
    vocabulary,
    parts: mapParts((part) => encoded[part].examples),
    facts: mapParts((part) => encoded[part].facts),
  };
}

interface EncodedPart {
  readonly examples: Examples;
  readonly facts: EncodingFacts;
}

function encodePart(
  part: readonly Labelled<unknown>[],
  tokens: readonly (readonly string[])[],
  { vocabulary, sequenceLength }: { vocabulary: Vocabulary; sequenceLength: number },
): EncodedPart {
  const room = sequenceLength - 1;
  const ids = new Int32Array(part.length * sequenceLength).fill(padId);
  const lengths = new Int32Array(part.length);
  let numUnknown = 0;
  let numTokens = 0;
  tokens.forEach((list, index) => {
    const row = [classifierId, ...list.slice(0, room).map(vocabulary.idOf)];
    ids.set(row, index * sequenceLength);
    lengths[index] = row.length;
    numTokens += row.length - 1;
    numUnknown += row.filter((id) => id === unknownId).length;
  });
  return {
    examples: { ...common(part), tokens: ids, lengths },
    facts: {
      numCut: tokens.filter((list) => list.length > room).length,
      numEmpty: tokens.filter((list) => list.length === 0).length,
      unknownTokenShare: numTokens === 0 ? 0 : numUnknown / numTokens,
    },
  };
}

/**
 * Features of a part in one array.
 * @param numFeatures - Length of every example's features.
 */
export function encodeFeatures(
  part: readonly Labelled<{ readonly features: Float32Array }>[],
  numFeatures: number,
): Examples {
  const features = new Float32Array(part.length * numFeatures);
  part.forEach(({ example }, index) => features.set(example.features, index * numFeatures));
  return { ...common(part), features };
}

function common(part: readonly Labelled<unknown>[]): Pick<Examples, "size" | "labels" | "digest"> {
  const digests = part.map(({ digest }) => digest);
  return {
    size: part.length,
    labels: Int32Array.from(part, ({ labelIndex }) => labelIndex),
    digest(index) {
      const digest = digests[index];
      if (digest === undefined) throw new RangeError(`no example ${index} of ${part.length}`);
      return digest;
    },
  };
}
