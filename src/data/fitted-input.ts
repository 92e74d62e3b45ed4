/** What a trained model knows of its data: enough to read new examples exactly as those that it was trained on. */
import type { WordsTokenizerConfig } from "../../schemas/tokenizer.ts";
import { ExpError } from "../core/errors.ts";
import type { Dataset, DatasetInput } from "./dataset.ts";
import { quote } from "./labels.ts";

/** Fixed by the training part of the data; never fitted again on other data. */
export interface FittedInput {
  /** Names of the classes, in the order of their indices. */
  readonly labels: readonly string[];
  readonly input: DatasetInput;
  /** For text: how it is cut into tokens. */
  readonly tokenizer?: Pick<WordsTokenizerConfig, "kind" | "lowercase">;
}

/** What a data set has taught a model that is trained on it. */
export function fittedInput(
  { labels, input }: Pick<Dataset, "labels" | "input">,
  tokenizer: WordsTokenizerConfig | undefined,
): FittedInput {
  if (input.kind === "features" || tokenizer === undefined) return { labels, input };
  const { kind, lowercase } = tokenizer;
  return { labels, input, tokenizer: { kind, lowercase } };
}

/**
 * Refuses examples with another number of features than the model reads.
 * @throws {ExpError} `data` with both numbers.
 */
export function checkNumFeatures(found: number, { input }: FittedInput): void {
  if (input.kind === "features" && input.numFeatures === found) return;
  const reads = input.kind === "features" ? `${input.numFeatures} features` : "text";
  throw new ExpError(
    "data",
    `The data has ${found} features an example; the model reads ${reads}.`,
  );
}

/**
 * Refuses a class that the model does not know.
 * @param where - Which example it is, for the message.
 * @throws {ExpError} `data` with the classes that it knows.
 */
export function checkKnownLabel(label: string, labels: readonly string[], where: string): void {
  if (labels.includes(label)) return;
  const known = labels.slice(0, 10).map(quote).join(", ") + (labels.length > 10 ? ", …" : "");
  throw new ExpError(
    "data",
    `${where} has the class ${quote(label)}, which the model does not know.`,
    { hint: `It was trained on ${known}.` },
  );
}
