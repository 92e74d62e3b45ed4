/** The classes of a data set, and the checks that training needs of them. */
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import type { PartName } from "./dataset.ts";

/** Class names of the examples of each part. */
export type PartLabels = Readonly<Record<PartName, readonly string[]>>;

/**
 * The classes in their order: the declared ones, else those of the training part in code-unit order.
 * @throws {ExpError} `data` when there are fewer than two classes, when a class has no example in the training part,
 * or when an example has a class that is not among them.
 */
export function chooseLabels(
  declared: readonly string[] | undefined,
  found: PartLabels,
): readonly string[] {
  const inTraining = new Set(found.train);
  const labels = declared ?? [...inTraining].sort((a, b) => (a < b ? -1 : 1));
  const repeated = labels.find((label, index) => labels.indexOf(label) !== index);
  if (repeated !== undefined) {
    throw new ExpError("data", `data.labels names the class ${quote(repeated)} twice.`);
  }
  if (declared !== undefined) checkUnknown(labels, found);
  const empty = labels.filter((label) => !inTraining.has(label));
  if (empty.length > 0) throw emptyClass(empty, "train");
  for (const part of ["validation", "test"] as const) {
    const strange = [...new Set(found[part])].filter((label) => !inTraining.has(label));
    if (strange.length > 0) throw emptyClass(strange, "train", part);
  }
  if (labels.length < 2) {
    throw new ExpError(
      "data",
      `All ${found.train.length} examples of the part train have the class ${quote(labels[0] ?? "")}; at least two classes are needed.`,
    );
  }
  return labels;
}

/**
 * The classes of a model that is trained already, for data that it is measured on.
 * @throws {ExpError} `data` when an example has a class that is not among them.
 */
export function trainedLabels(labels: readonly string[], found: PartLabels): readonly string[] {
  for (const part of ["train", "validation", "test"] as const) {
    const unknown = found[part].find((label) => !labels.includes(label));
    if (unknown === undefined) continue;
    throw new ExpError(
      "data",
      `An example of the part ${part} has the class ${quote(unknown)}, which the model was not trained on.`,
      {
        hint: `Its classes are ${labels.slice(0, 10).map(quote).join(", ")}${labels.length > 10 ? ", …" : ""}.`,
      },
    );
  }
  return labels;
}

function checkUnknown(labels: readonly string[], found: PartLabels): void {
  for (const part of ["train", "validation", "test"] as const) {
    const unknown = found[part].find((label) => !labels.includes(label));
    if (unknown === undefined) continue;
    throw new ExpError(
      "data",
      `An example of the part ${part} has the class ${quote(unknown)}, which is not declared.`,
      { hint: unknownLabelHint(unknown, labels) },
    );
  }
}

function emptyClass(names: readonly string[], part: PartName, seenIn?: PartName): ExpError {
  const list = names.slice(0, 5).map(quote).join(", ");
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  const noun = names.length === 1 ? `The class ${list} has` : `The classes ${list}${more} have`;
  const where = seenIn === undefined ? "" : `, but ${seenIn} has some`;
  return new ExpError("data", `${noun} no example in the part ${part}${where}.`, {
    hint: "Add examples of it, leave the class out, raise data.maxSamples, or choose another data.split.seed.",
  });
}

/** What to say about a class name that is not among the declared ones. */
export function unknownLabelHint(label: string, labels: readonly string[]): string {
  const near = nearest(label, labels);
  const list = labels.slice(0, 10).map(quote).join(", ") + (labels.length > 10 ? ", …" : "");
  return `data.labels are ${list}.${near === undefined ? "" : ` Did you mean ${quote(near)}?`}`;
}

/** A name in quotation marks, with anything invisible escaped, cut to a readable length. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
