/** What must hold between fields of a training config, by the claim that an error shows. Kinds of users' own pass. */
import type { TrainingConfig } from "../../schemas/training.ts";
import type { Direction } from "./early-stopping.ts";

type Rules = Readonly<Record<string, (config: TrainingConfig) => boolean>>;
type DataKind = TrainingConfig["data"]["kind"];
type Content = "text" | "characters" | "numbers";

/** What each built-in data source gives; a user's kind is missing here and is judged when its data is loaded. */
const contentOf: Readonly<Record<DataKind, Content>> = {
  spamAssassin: "text",
  delimited: "text",
  jsonl: "text",
  mnist: "numbers",
  idx: "numbers",
  characters: "characters",
};

/** What each built-in model reads. */
const readBy: Readonly<Record<TrainingConfig["model"]["kind"], Content>> = {
  bert: "text",
  gpt: "characters",
  cnn: "numbers",
  mlp: "numbers",
};

/** Built-in models in which gradient checkpointing would save nothing. */
const withoutLayers: readonly string[] = ["mlp", "cnn"];

/** Rules of the training task. */
export const trainingRules: Rules = {
  "mode=train takes no checkpoint: evaluate and predict use one": ({ mode, checkpoint }) =>
    mode !== "train" || checkpoint === undefined,

  "mode=evaluate and mode=predict need a checkpoint: a run, or a .safetensors file": ({
    mode,
    checkpoint,
  }) => mode === "train" || checkpoint !== undefined,

  "a tokenizer is given for text data and for no other": ({ data, tokenizer }) =>
    !isBuiltIn(data.kind) || (contentOf[data.kind] === "text") === (tokenizer !== undefined),

  "the model reads what the data gives: bert text, gpt characters, mlp and cnn numbers": ({
    data,
    model,
  }) => {
    if (!isBuiltIn(data.kind) || !Object.hasOwn(readBy, model.kind)) return true;
    return readBy[model.kind] === contentOf[data.kind];
  },

  "sampling is for data.kind=characters and for no other": ({ data, sampling }) =>
    sampling === undefined || !isBuiltIn(data.kind) || contentOf[data.kind] === "characters",

  "data.sequenceLength is at most model.contextLength": ({ data, model }) =>
    !("contextLength" in model && "sequenceLength" in data) ||
    data.sequenceLength <= model.contextLength,

  "model.hiddenSize is a multiple of model.numHeads": ({ model }) =>
    !(model.kind === "bert" || model.kind === "gpt") || model.hiddenSize % model.numHeads === 0,

  "data.split.validation and data.split.test leave examples to train on": ({ data }) =>
    !("split" in data) || data.split.validation + data.split.test < 1,

  "schedule.warmupSteps is at most training.numSteps": ({ schedule, training }) =>
    (schedule.warmupSteps ?? 0) <= (training.numSteps ?? Infinity),

  "schedule.milestones rise, and the last comes before the last step": ({ schedule, training }) => {
    if (schedule.kind !== "step" || schedule.milestones === undefined) return true;
    const all = [...schedule.milestones, training.numSteps ?? Infinity];
    return all.every((milestone, index) => milestone > (all[index - 1] ?? 0));
  },

  "training.exponentialMovingAverage.startStep is at most training.numSteps": ({ training }) =>
    (training.exponentialMovingAverage?.startStep ?? 0) <= (training.numSteps ?? Infinity),

  "training.gradientCheckpointing needs a model of equal layers: bert or gpt": ({
    model,
    training,
  }) => !training.gradientCheckpointing || !withoutLayers.includes(model.kind),

  'selection.direction is "min" for validation.loss, .perplexity and .bitsPerCharacter (lower is better), and "max" for accuracy, precision, recall and f1':
    ({ selection }) => bestDirection(selection.metric) !== opposite[selection.direction],

  "selection.metric is validation.loss, .accuracy, .precision, .recall or .f1, or one of the last three with a class; of a text also .perplexity or .bitsPerCharacter":
    ({ selection }) => bestDirection(selection.metric) !== undefined,

  "data.labels names each class once": ({ data }) =>
    !("labels" in data) ||
    data.labels === undefined ||
    new Set(data.labels).size === data.labels.length,

  "data.columns names a column only where data.header is true": ({ data }) =>
    data.kind !== "delimited" ||
    data.header ||
    [data.columns.text, data.columns.label].every((column) => typeof column === "number"),

  "optimizer.nesterov needs optimizer.momentum above 0": ({ optimizer }) =>
    optimizer.kind !== "sgd" || !optimizer.nesterov || optimizer.momentum > 0,
};

const opposite = { max: "min", min: "max" } as const;

/** Which way a metric is better; `undefined` for names of no metric. A class is looked up when the data is loaded. */
function bestDirection(metric: string): Direction | undefined {
  if (/^validation\.(loss|perplexity|bitsPerCharacter)$/.test(metric)) return "min";
  return /^validation\.(accuracy$|(precision|recall|f1)(\.|$))/.test(metric) ? "max" : undefined;
}

function isBuiltIn(kind: string): kind is DataKind {
  return Object.hasOwn(contentOf, kind);
}
