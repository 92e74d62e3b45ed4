/**
 * Cuts text into tokens and tokens into ids. Only ASCII letters are folded to lower case and nothing asks the engine's
 * Unicode tables, which change between versions of Node: the same text gives the same ids everywhere.
 */
import type { WordsTokenizerConfig } from "../../schemas/tokenizer.ts";

/** Id of `[PAD]`, which fills an example up to `sequenceLength`. */
export const padId = 0;

/** Id of `[UNK]`, which stands for every token that the vocabulary does not hold. */
export const unknownId = 1;

/** Id of `[CLS]`, which stands before the tokens of every example. */
export const classifierId = 2;

/** By id. Text cannot produce them: no token of text has brackets and letters. */
const specialTokens = ["[PAD]", "[UNK]", "[CLS]"] as const;

/**
 * Code points that are never a token: controls (C0, DEL, C1), spaces, and marks that print nothing. Written down here
 * instead of taken from `\s` or `\p{…}`.
 */
const invisible = [
  "\\u0000-\\u0020", // C0 controls and the space
  "\\u007f-\\u00a0", // DEL, C1 controls, no-break space
  "\\u00ad", // soft hyphen
  "\\u1680", // ogham space mark
  "\\u180e", // Mongolian vowel separator
  "\\u2000-\\u200f", // typographic spaces, zero width characters, direction marks
  "\\u2028-\\u202f", // line and paragraph separators, embeddings, narrow no-break space
  "\\u205f-\\u206f", // mathematical space, word joiner, invisible operators, isolates
  "\\u3000", // ideographic space
  "\\ufeff", // byte order mark
  "\\ud800-\\udfff", // halves of surrogate pairs that stand alone
].join("");

const tokenPattern = new RegExp(`[A-Za-z]+|[^${invisible}]`, "gu");

/**
 * The tokens of a text: runs of ASCII letters, and every other visible character by itself (so digits stand alone).
 * @param limit - Most tokens to give back; the rest of the text is not looked at.
 */
export function splitWords(text: string, lowercase: boolean, limit: number = Infinity): string[] {
  if (limit === Infinity) return (lowercase ? lowerAscii(text) : text).match(tokenPattern) ?? [];
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokens.length < limit) {
    const match = tokenPattern.exec(text);
    if (match === null) break;
    tokens.push(lowercase ? lowerAscii(match[0]) : match[0]);
  }
  return tokens;
}

/** `toLowerCase` is safe on ASCII; what lies beyond depends on the engine's tables. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Tokens and their ids. */
export interface Vocabulary {
  /** The token of each id; the special tokens first. */
  readonly tokens: readonly string[];
  /** The id of a token, `unknownId` for one that is not in the vocabulary. */
  readonly idOf: (token: string) => number;
}

/**
 * The vocabulary of the tokens seen in training: `[PAD]` 0, `[UNK]` 1, `[CLS]` 2, then the most frequent first, ties
 * in code-unit order.
 * @param texts - Tokens of each training example.
 */
export function buildVocabulary(
  texts: Iterable<readonly string[]>,
  { vocabSize, minFrequency }: Pick<WordsTokenizerConfig, "vocabSize" | "minFrequency">,
): Vocabulary {
  const counts = new Map<string, number>();
  for (const tokens of texts) {
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  const kept = [...counts]
    .filter(([, count]) => count >= minFrequency)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, vocabSize - specialTokens.length)
    .map(([token]) => token);
  return vocabularyOf([...specialTokens, ...kept]);
}

/** The vocabulary of tokens in the order of their ids, the special ones first. */
export function vocabularyOf(tokens: readonly string[]): Vocabulary {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return { tokens, idOf: (token) => ids.get(token) ?? unknownId };
}
