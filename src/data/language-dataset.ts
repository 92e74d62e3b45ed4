/**
 * A text as something to predict: its characters become ids, and examples are windows of it. The vocabulary is that of the
 * whole text: a character is a form of the data, and one that only the end of a text has must have a place in the model's
 * output to be measured at all.
 */
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { LanguageSourceData } from "./data-source.ts";
import type { Dataset, Examples, PartName } from "./dataset.ts";
import { mapParts } from "./divide.ts";
import type { FittedInput } from "./fitted-input.ts";
import { quote } from "./labels.ts";
import {
  divideText,
  stretchDigests,
  type PartShares,
  type TextPiece,
  type WindowedText,
} from "./text-parts.ts";

/** What loading needs of a config. */
interface LanguageConfig {
  readonly data: {
    readonly kind: string;
    readonly maxSamples?: number | null;
    readonly split?: PartShares;
    readonly sequenceLength?: number;
    readonly stride?: number;
  };
  readonly tokenizer?: unknown;
}

type Pieces = Readonly<Record<PartName, TextPiece>>;

/**
 * The data set of a text. Training windows begin `stride` apart and are whole; those of the other parts lie end to end, and
 * the last one may be short.
 * @param fitted - Of a trained model: its characters are used, and the training part may be too short to train on.
 * @throws {ExpError} `data` for a part that is too short, or a character that a trained model does not know; `config`
 *   for a tokenizer, or without a `sequenceLength`.
 */
export function languageDataset(
  data: LanguageSourceData,
  config: LanguageConfig,
  fitted: FittedInput | undefined,
): Dataset {
  const { kind, stride = 1 } = config.data;
  const sequenceLength = checkedLength(config);
  const pieces = divideText(data.parts, config.data);
  checkPieces(pieces, fitted === undefined ? sequenceLength + 1 : 0);
  const vocabulary = fitted === undefined ? charactersOf(pieces) : trainedCharacters(fitted);
  const encodeCharacters = characterEncoder(vocabulary);
  const parts = mapParts((part) => {
    const { points, start, end } = pieces[part];
    const ids = encodeCharacters(points.subarray(start, end), `The part ${part}`);
    const step = part === "train" ? stride : sequenceLength;
    const text = { ids, stride: step, stretches: stretchDigests(pieces[part]) };
    const size = part === "train" ? numWhole(text, sequenceLength) : numCovering(text);
    return windows(text, size, { sequenceLength, vocabulary });
  });
  return {
    labels: vocabulary,
    parts,
    input: { kind: "language", sequenceLength, vocabSize: vocabulary.length, vocabulary },
    sharedInputs: { validation: 0, test: 0 },
    facts: languageFacts(parts, { kind, source: data.facts, vocabulary }),
  };
}

function checkedLength({ data, tokenizer }: LanguageConfig): number {
  if (tokenizer !== undefined) {
    throw new ExpError("config", `data.kind ${data.kind} gives characters, not words.`, {
      issues: [{ path: ["tokenizer"], message: "is for text with classes only; remove it" }],
    });
  }
  if (data.sequenceLength !== undefined) return data.sequenceLength;
  throw new ExpError("config", `data.kind ${data.kind} needs a data.sequenceLength.`);
}

function checkPieces(pieces: Pieces, minTrain: number): void {
  for (const part of ["train", "validation", "test"] as const) {
    const length = pieces[part].end - pieces[part].start;
    const needed = part === "train" ? minTrain : 2;
    if (length >= needed || (part === "test" && length === 0)) continue;
    const why =
      part === "train"
        ? `a window of data.sequenceLength and the character after it are ${needed}`
        : "two are the least: a character, and the one after it";
    throw new ExpError("data", `The part ${part} of the text has ${length} characters; ${why}.`, {
      hint: "Give a longer text, raise data.maxSamples, or change data.split or data.sequenceLength.",
    });
  }
}

/** Distinct characters of all parts in the order of their code points; at least two. */
function charactersOf(pieces: Pieces): readonly string[] {
  const found = new Set<number>();
  for (const { points, start, end } of Object.values(pieces)) {
    for (const point of points.subarray(start, end)) found.add(point);
  }
  if (found.size < 2) {
    throw new ExpError(
      "data",
      "The text is one character over and over: there is nothing to learn.",
    );
  }
  return [...found].sort((a, b) => a - b).map((point) => String.fromCodePoint(point));
}

/**
 * The characters that a trained model writes.
 * @throws {ExpError} `data` where it is a model of something else.
 */
function trainedCharacters({ input }: FittedInput): readonly string[] {
  if (input.kind === "language") return input.vocabulary;
  throw new ExpError("data", "The data is a text to be written; the model tells classes.");
}

/** Turns code points into ids. */
type EncodeCharacters = (points: Iterable<number>, where: string) => Int32Array;

/**
 * The ids of characters.
 * @param vocabulary - The character of each id.
 * @returns Takes code points and a name for where they stand; throws `ExpError("data")` for one that is not among them.
 */
export function characterEncoder(vocabulary: readonly string[]): EncodeCharacters {
  const ids = new Map(vocabulary.map((character, id) => [character.codePointAt(0), id]));
  return (points, where) =>
    Int32Array.from(points, (point) => {
      const id = ids.get(point);
      if (id !== undefined) return id;
      const code = point.toString(16).toUpperCase().padStart(4, "0");
      throw new ExpError(
        "data",
        `${where} has the character ${quote(String.fromCodePoint(point))} (U+${code}), which the model does not know.`,
        { hint: `It was trained on ${vocabulary.length} characters: ${shown(vocabulary)}.` },
      );
    });
}

function shown(vocabulary: readonly string[]): string {
  const text = JSON.stringify(vocabulary.slice(0, 100).join(""));
  return vocabulary.length > 100 ? `${text} and ${vocabulary.length - 100} more` : text;
}

/** Windows with a target for each of their tokens. */
function numWhole({ ids, stride }: WindowedText, sequenceLength: number): number {
  return Math.max(0, Math.floor((ids.length - sequenceLength - 1) / stride) + 1);
}

/** Windows end to end, until every token but the first has been a target. */
function numCovering({ ids, stride }: WindowedText): number {
  return Math.ceil(Math.max(0, ids.length - 1) / stride);
}

function windows(
  text: WindowedText,
  size: number,
  {
    sequenceLength,
    vocabulary,
  }: { readonly sequenceLength: number; readonly vocabulary: readonly string[] },
): Examples {
  return {
    size,
    labels: new Int32Array(),
    text,
    digest(index) {
      if (index < 0 || index >= size) throw new RangeError(`no window ${index} of ${size}`);
      const start = index * text.stride;
      const ids = text.ids.subarray(start, start + sequenceLength + 1);
      return sha256(Array.from(ids, (id) => vocabulary[id] ?? "").join(""));
    },
  };
}

interface FactsInput {
  readonly kind: string;
  readonly source: JsonObject;
  readonly vocabulary: readonly string[];
}

function languageFacts(
  parts: Readonly<Record<PartName, Examples>>,
  { kind, source, vocabulary }: FactsInput,
): JsonObject {
  const idsOf = (part: PartName): Int32Array => parts[part].text?.ids ?? new Int32Array();
  const trained = new Set(idsOf("train"));
  const numUnseen = (part: PartName): number =>
    idsOf(part).reduce((count, id) => (trained.has(id) ? count : count + 1), 0);
  return {
    kind,
    numExamples: mapParts((part) => parts[part].size),
    numCharacters: mapParts((part) => idsOf(part).length),
    source,
    language: {
      vocabSize: vocabulary.length,
      /** Over the characters in the order of their ids. */
      vocabularyDigest: sha256(vocabulary.join("")),
      /** Characters of a part that the training part never shows. */
      numUnseen: { validation: numUnseen("validation"), test: numUnseen("test") },
    },
  };
}
