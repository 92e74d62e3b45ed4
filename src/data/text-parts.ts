/** The parts of a text, one after the other: first what is trained on, then validation, then test. */
import { sha256 } from "../core/hash.ts";
import type { LanguageSourceData } from "./data-source.ts";
import type { PartName } from "./dataset.ts";
import { mapParts } from "./divide.ts";

/** Shares of a source that are set apart, each 0 to 0.9, together below 1. */
export interface PartShares {
  readonly validation: number;
  readonly test: number;
}

/** A piece of a file, such as the part of it that is trained on. */
export interface TextPiece {
  /** Code points of the whole file. */
  readonly points: Int32Array;
  readonly start: number;
  /** Behind the last code point. */
  readonly end: number;
}

/** A text whose examples are windows of it: they overlap, and are cut out when they are needed. */
export interface WindowedText {
  /** Of each token, shape [length]. */
  readonly ids: Int32Array;
  /** Window i begins at i · stride. */
  readonly stride: number;
  /** SHA-256 of each stretch of the file that the part has something of, for telling what was trained on. */
  readonly stretches: readonly string[];
}

const defaultShares: PartShares = { validation: 0.1, test: 0 };

interface DivideTextSettings {
  /** The first so many characters of each file count. */
  readonly maxSamples?: number | null;
  readonly split?: PartShares;
}

/** Cuts the parts that have no text of their own off the end of the training text. */
export function divideText(
  texts: LanguageSourceData["parts"],
  { maxSamples, split = defaultShares }: DivideTextSettings,
): Readonly<Record<PartName, TextPiece>> {
  const pointsOf = (text: string): Int32Array => codePoints(text).slice(0, maxSamples ?? undefined);
  const points = pointsOf(texts.train);
  const share = (part: keyof PartShares): number => (texts[part] === undefined ? split[part] : 0);
  const trainEnd = Math.floor(points.length * (1 - share("validation") - share("test")));
  const validationEnd = Math.floor(points.length * (1 - share("test")));
  const ofTrain = {
    train: { points, start: 0, end: trainEnd },
    validation: { points, start: trainEnd, end: validationEnd },
    test: { points, start: validationEnd, end: points.length },
  };
  return mapParts((part) => {
    const text = part === "train" ? undefined : texts[part];
    if (text === undefined) return ofTrain[part];
    const own = pointsOf(text);
    return { points: own, start: 0, end: own.length };
  });
}

function codePoints(text: string): Int32Array {
  const points = new Int32Array(text.length);
  let count = 0;
  for (const character of text) points[count++] = character.codePointAt(0) ?? 0;
  return points.subarray(0, count);
}

/** Characters of a stretch. */
const stretchLength = 256;

/**
 * SHA-256 of every stretch of 256 characters, counted from the beginning of the file, that a piece has something of: a text
 * that is divided in another way keeps them.
 */
export function stretchDigests({ points, start, end }: TextPiece): readonly string[] {
  const digests: string[] = [];
  if (start === end) return digests;
  const first = start - (start % stretchLength);
  for (let at = first; at < end; at += stretchLength) {
    digests.push(sha256(textOf(points.subarray(at, at + stretchLength))));
  }
  return digests;
}

function textOf(points: Int32Array): string {
  return Array.from(points, (point) => String.fromCodePoint(point)).join("");
}
