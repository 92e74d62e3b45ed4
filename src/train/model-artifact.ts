/**
 * `model/training.json` of a run: what the model knows of its data (classes, vocabulary, size of the input, which examples
 * it was trained on) and its own config. With it and a checkpoint the model can be used where the data is not.
 */
import type { TrainingConfig } from "../../schemas/training.ts";
import { ExpError } from "../core/errors.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import { untracked } from "../core/tracked-reads.ts";
import type { TrainedModel } from "../core/trained-model.ts";
import type { DatasetInput } from "../data/dataset.ts";
import { fittedInput, type FittedInput } from "../data/fitted-input.ts";
import type { TrainingSetup } from "./setup.ts";
import { readTrainedOn, trainedOnJson, type TrainedOn } from "./trained-on.ts";

const artifactName = "training";
const format = "lockstep/model/1";

/** What the artifact of a run says. */
export interface ModelArtifact {
  readonly fitted: FittedInput;
  /** `model` of the run's config. */
  readonly model: JsonObject;
  /** `undefined` where an earlier version wrote it. */
  readonly trainedOn: TrainedOn | undefined;
}

/** The artifact of a run, as an event. */
export function artifactEvent({ config, dataset }: TrainingSetup): RunEvent {
  const { labels, input, tokenizer } = fittedInput(dataset, config.tokenizer);
  const json = {
    format,
    labels: [...labels],
    input: inputJson(input),
    ...(tokenizer === undefined ? {} : { tokenizer: { ...tokenizer } }),
    model: modelJson(config.model),
    trainedOn: trainedOnJson(dataset, untracked(config.data)),
  };
  return { kind: "artifact", name: artifactName, json };
}

/** `model` of a config as plain data. */
export function modelJson(model: TrainingConfig["model"]): JsonObject {
  return { ...untracked(model) }; // that a model's config is written down says nothing of what it reads of it
}

function inputJson(input: DatasetInput): JsonObject {
  return "vocabulary" in input ? { ...input, vocabulary: [...input.vocabulary] } : { ...input };
}

/**
 * What a trained model knows of its data.
 * @throws {ExpError} `data` where the artifact is missing; `store` where it is damaged.
 */
export function readArtifact({ name, artifacts, artifactFolder }: TrainedModel): ModelArtifact {
  const json = artifacts[artifactName];
  const file = `${artifactFolder}/${artifactName}.json`;
  if (json === undefined) {
    throw new ExpError(
      "data",
      `The checkpoint ${name} lies without its run: its classes and the form of its input are missing (looked for ${file}).`,
      { hint: "Name the run itself, or keep the file inside of its run's folder checkpoints/." },
    );
  }
  const damaged = (found: string): ExpError =>
    new ExpError("store", `${file} cannot be used: ${found}.`, {
      hint: "It is damaged, or was written by another version of Lockstep.",
    });
  if (json["format"] !== format) throw damaged(`its format is not ${format}`);
  const { labels, input, model } = json;
  if (!isTexts(labels) || labels.length < 2) throw damaged("its labels are no list of names");
  if (!isPlainObject(model)) throw damaged("it has no model");
  if (!isInput(input)) throw damaged("its input is not that of a model");
  const tokenizer = readTokenizer(json["tokenizer"]);
  if ((input.kind === "tokens") !== (tokenizer !== undefined)) {
    throw damaged("tokenizer and input do not go together");
  }
  const fitted = { labels, input, ...(tokenizer === undefined ? {} : { tokenizer }) };
  return { fitted, model, trainedOn: readTrainedOn(json["trainedOn"]) };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isInput(value: unknown): value is DatasetInput {
  if (!isPlainObject(value)) return false;
  const isCount = (count: unknown): boolean => Number.isSafeInteger(count) && Number(count) > 0;
  if (value["kind"] === "features") return isCount(value["numFeatures"]);
  const { kind, sequenceLength, vocabSize, padId, vocabulary } = value;
  return (
    (kind === "language" || (kind === "tokens" && padId === 0)) &&
    isCount(sequenceLength) &&
    Number(sequenceLength) >= 2 &&
    isTexts(vocabulary) &&
    vocabulary.length === vocabSize
  );
}

function readTokenizer(value: unknown): FittedInput["tokenizer"] {
  if (!isPlainObject(value)) return undefined;
  const { kind, lowercase } = value;
  return kind === "words" && typeof lowercase === "boolean" ? { kind, lowercase } : undefined;
}
