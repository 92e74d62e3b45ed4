/** Made-up data in the forms that models take, so that nothing has to be loaded. */
import type { Dataset, DatasetInput, Examples } from "../../src/data/dataset.ts";
import type { WindowedText } from "../../src/data/text-parts.ts";
import { fillNormal } from "../../src/random/samples.ts";
import { createStreams } from "../../src/random/streams.ts";

interface TextSizes {
  readonly sequenceLength: number;
  readonly vocabSize: number;
}

/** What the examples are, and of which size. */
export type MadeUpData =
  | ({ readonly kind: "tokens"; readonly numClasses: number } & TextSizes)
  | ({ readonly kind: "language" } & TextSizes)
  | { readonly kind: "features"; readonly numFeatures: number; readonly numClasses: number };

const numExamples = 512;

/**
 * A data set of 512 examples, all parts the same: the class shows in the content, and the next token of a text in most
 * places in the one before it, so that a loss falls.
 */
export function madeUpDataset(data: MadeUpData): Dataset {
  const part = madeUpExamples(data);
  const numClasses = data.kind === "language" ? data.vocabSize : data.numClasses;
  return {
    labels: Array.from({ length: numClasses }, (_, index) => `class ${index}`),
    parts: { train: part, validation: part, test: part },
    input: inputOf(data),
    sharedInputs: {} as Dataset["sharedInputs"], // nothing here reads them
    facts: {},
  };
}

function inputOf(data: MadeUpData): DatasetInput {
  if (data.kind === "features") return { kind: data.kind, numFeatures: data.numFeatures };
  const { kind, sequenceLength, vocabSize } = data;
  const text = { sequenceLength, vocabSize, vocabulary: [] };
  return kind === "tokens" ? { kind, ...text, padId: 0 } : { kind, ...text };
}

function madeUpExamples(data: MadeUpData): Examples {
  const base = { size: numExamples, digest: (index: number): string => String(index) };
  if (data.kind === "language") {
    return { ...base, labels: new Int32Array(), text: madeUpText(data) };
  }
  const { numClasses } = data;
  const labels = Int32Array.from({ length: numExamples }, (_, index) => (index * 7) % numClasses);
  if (data.kind === "tokens") return { ...base, labels, ...madeUpTokens(data, labels) };
  return { ...base, labels, features: madeUpFeatures(data.numFeatures, labels) };
}

/** Two of three tokens follow from the one before; windows lie end to end, with one more token behind the last. */
function madeUpText({ sequenceLength, vocabSize }: TextSizes): WindowedText {
  const ids = new Int32Array(numExamples * sequenceLength + 1);
  for (let at = 0; at < ids.length; at++) {
    const noise = (at * 7_919 + Math.floor(at / 7) * 104_729) % vocabSize;
    ids[at] = at % 3 === 0 ? noise : ((ids[at - 1] ?? 0) * 5 + 3) % vocabSize;
  }
  return { ids, stride: sequenceLength, stretches: [] };
}

function madeUpTokens(
  { sequenceLength, vocabSize }: TextSizes,
  classes: Int32Array,
): Pick<Required<Examples>, "tokens" | "lengths"> {
  const lengths = Int32Array.from(
    classes,
    (_, index) => sequenceLength - ((index * 5) % Math.ceil(sequenceLength / 2)),
  );
  const tokens = new Int32Array(classes.length * sequenceLength);
  for (const [example, label] of classes.entries()) {
    for (let at = 0; at < (lengths[example] ?? 0); at++) {
      const noise = (example * 7_919 + at * 104_729 + at * at * 31) % (vocabSize - 4);
      tokens[example * sequenceLength + at] = at % 4 === 1 ? 2 + label : 4 + noise;
    }
  }
  return { tokens, lengths };
}

function madeUpFeatures(numFeatures: number, classes: Int32Array): Float32Array {
  const features = new Float32Array(classes.length * numFeatures);
  fillNormal(createStreams(17).stream("features"), features);
  for (const [example, label] of classes.entries()) {
    const at = example * numFeatures + ((label * 61) % numFeatures);
    features[at] = (features[at] ?? 0) + 4;
  }
  return features;
}
