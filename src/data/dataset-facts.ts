/** What there is to say about a data set in a manifest and a model card. */
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { Examples, PartName } from "./dataset.ts";
import { mapParts } from "./divide.ts";
import type { EncodedText } from "./encode.ts";
import type { SharedInputs } from "./shared-inputs.ts";

interface FactsInput {
  readonly kind: string;
  /** What the source says about itself. */
  readonly source: JsonObject;
  readonly labels: readonly string[];
  readonly parts: Readonly<Record<PartName, Examples>>;
  readonly sharedInputs: SharedInputs;
  /** For text. */
  readonly encoded?: EncodedText;
}

/**
 * The facts: counts for each part and class and, for text, the vocabulary and what encoding left out. Classes stand in
 * a list, because their names may be anything. They follow from config, data and code alone.
 */
export function datasetFacts(input: FactsInput): JsonObject {
  const { kind, source, labels, parts, sharedInputs, encoded } = input;
  const counts = mapParts((part) => countLabels(parts[part].labels, labels.length));
  return {
    kind,
    numExamples: mapParts((part) => parts[part].size),
    classes: labels.map((name, index) => ({
      name,
      ...mapParts((part) => counts[part][index] ?? 0),
    })),
    /** Examples with a whole content that is also trained on: only where parts come from files of their own. */
    numSharedWithTrain: sharedWithTrain(parts),
    numInputsSharedWithTrain: { ...sharedInputs },
    source,
    ...(encoded === undefined ? {} : { text: textFacts(encoded) }),
  };
}

function textFacts({ vocabulary, facts }: EncodedText): JsonObject {
  return {
    vocabSize: vocabulary.tokens.length,
    /** Over one token a line, in the order of the ids. */
    vocabularyDigest: sha256(vocabulary.tokens.map((token) => `${token}\n`).join("")),
    numCut: mapParts((part) => facts[part].numCut),
    numEmpty: mapParts((part) => facts[part].numEmpty),
    unknownTokenShare: mapParts((part) => facts[part].unknownTokenShare),
  };
}

function sharedWithTrain(parts: Readonly<Record<PartName, Examples>>): JsonObject {
  const trained = new Set(digestsOf(parts.train));
  const count = (part: PartName): number =>
    digestsOf(parts[part]).filter((digest) => trained.has(digest)).length;
  return { validation: count("validation"), test: count("test") };
}

function digestsOf(examples: Examples): readonly string[] {
  return Array.from({ length: examples.size }, (_, index) => examples.digest(index));
}

function countLabels(labelIndices: Int32Array, numLabels: number): readonly number[] {
  const counts = Array.from({ length: numLabels }, () => 0);
  for (const index of labelIndices) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}
