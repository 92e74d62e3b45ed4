/** Raw examples of a source to labelled examples of the three parts. */
import { ExpError } from "../core/errors.ts";
import type { PartName } from "./dataset.ts";
import type { SourceParts } from "./data-source.ts";
import { chooseLabels, trainedLabels } from "./labels.ts";
import { createSplit, type SplitSettings } from "./split.ts";

/** An example with its digest and the index of its class. */
export interface Labelled<Example> {
  readonly example: Example;
  /** SHA-256 of the content, 64 hex digits. */
  readonly digest: string;
  readonly labelIndex: number;
}

interface Divided<Example> {
  readonly labels: readonly string[];
  readonly parts: Readonly<Record<PartName, readonly Labelled<Example>[]>>;
}

/** How examples are divided. */
export interface DivideSettings {
  readonly maxSamples?: number | null;
  readonly split?: SplitSettings;
  /** The classes of a model that is trained already; absent where one is to be trained. */
  readonly trained?: readonly string[] | undefined;
}

const defaultSplit: SplitSettings = { validation: 0.1, test: 0.1, seed: 0 };

/**
 * The three parts of a source. `maxSamples` cuts each list of the source. A part that the source does not have is split
 * off the training examples, which keep the source's order. The classes are those of a trained model where one is given.
 * @param digestOf - SHA-256 of an example's content.
 * @throws {ExpError} `config` for an impossible split; `data` for a missing class or an empty part.
 */
export function divide<Example extends { readonly label: string }>(
  source: { readonly parts: SourceParts<Example>; readonly labels?: readonly string[] },
  { maxSamples, split = defaultSplit, trained }: DivideSettings,
  digestOf: (example: Example) => string,
): Divided<Example> {
  const { train, validation, test } = source.parts;
  const digested = (examples: readonly Example[] = []): readonly Digested<Example>[] =>
    examples.slice(0, maxSamples ?? undefined).map((example) => ({
      example,
      digest: digestOf(example),
    }));
  const partOf = createSplit({
    seed: split.seed,
    validation: validation === undefined ? split.validation : 0,
    test: test === undefined ? split.test : 0,
  });
  const all = digested(train).map((item) => ({ ...item, part: partOf(item.digest) }));
  const found = mapParts((part) => [
    ...all.filter((item) => item.part === part),
    ...digested(part === "train" ? [] : source.parts[part]),
  ]);
  checkPartSizes(found, test === undefined && split.test === 0);
  const present = mapParts((part) => found[part].map(({ example }) => example.label));
  const labels =
    trained === undefined ? chooseLabels(source.labels, present) : trainedLabels(trained, present);
  const indices = new Map(labels.map((label, index) => [label, index]));
  const parts = mapParts((part) =>
    found[part].map(({ example, digest }) => ({
      example,
      digest,
      labelIndex: indices.get(example.label) ?? 0, // `chooseLabels` has checked that it is there
    })),
  );
  return { labels, parts };
}

interface Digested<Example> {
  readonly example: Example;
  readonly digest: string;
}

function checkPartSizes(
  parts: Readonly<Record<PartName, readonly unknown[]>>,
  mayLackTest: boolean,
): void {
  const total = parts.train.length + parts.validation.length + parts.test.length;
  for (const part of ["train", "validation", "test"] as const) {
    if (parts[part].length > 0 || (part === "test" && mayLackTest)) continue;
    const purpose = part === "validation" ? ", which chooses the best checkpoint," : "";
    throw new ExpError(
      "data",
      `The part ${part}${purpose} has no examples (${total} in all parts).`,
      { hint: `Raise data.maxSamples or data.split.${part}, or give the part a file of its own.` },
    );
  }
}

/** One value for each part. */
export function mapParts<Value>(make: (part: PartName) => Value): Record<PartName, Value> {
  return { train: make("train"), validation: make("validation"), test: make("test") };
}
