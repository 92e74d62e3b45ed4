/** A trained model put together from its checkpoint and a config, after the check that the two belong together. */
import { isDeepStrictEqual } from "node:util";
import type { TrainingConfig } from "../../schemas/training.ts";
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import type { HostTensor, HostTensors } from "../core/run-events.ts";
import type { TrainedModel } from "../core/trained-model.ts";
import type { FittedInput } from "../data/fitted-input.ts";
import type { Model } from "../model/model.ts";
import { modelJson, readArtifact, type ModelArtifact } from "./model-artifact.ts";
import type { TrainedOn } from "./trained-on.ts";
import type { TrainingParts } from "./training-parts.ts";

/** A model with its weights, and how its input is read. */
export interface TrainedNetwork {
  readonly model: Model;
  readonly parameters: HostTensors;
  readonly fitted: FittedInput;
  readonly numClasses: number;
  /** After which the parameters were saved; 0 where the file does not say. */
  readonly step: number;
  /** `undefined` where the run did not keep it. */
  readonly trainedOn: TrainedOn | undefined;
}

/** The parts of a config that a trained model has to agree with. */
export type NetworkConfig = Pick<TrainingConfig, "data" | "model" | "tokenizer">;

/**
 * Builds the config's model and gives it the checkpoint's parameters.
 * @throws {ExpError} `data` or `store` where the checkpoint lacks what it needs or is damaged; `config` where it is one of
 *   another model, with the first tensor that differs and every field of the config that does.
 */
export function openNetwork(
  config: NetworkConfig,
  trained: TrainedModel,
  createModel: TrainingParts["createModel"],
): TrainedNetwork {
  const artifact = readArtifact(trained);
  const { fitted, trainedOn } = artifact;
  const issues = differences(config, artifact);
  const model = createModel(config.model, fitted);
  const wrong = wrongTensor(model, trained.tensors);
  if (wrong !== undefined || issues.length > 0) {
    const found = wrong ?? "It was trained with other settings.";
    throw new ExpError(
      "config",
      `The checkpoint ${trained.name} is not one of this config's model. ${found}`,
      {
        issues,
        hint:
          issues.length > 0
            ? "Give the config the values of the checkpoint's run, or name another checkpoint."
            : "The file holds another model than its run's config says.",
      },
    );
  }
  const parameters = new Map<string, HostTensor>();
  for (const { name } of model.parameters) {
    const tensor = trained.tensors.get(name);
    if (tensor !== undefined) parameters.set(name, tensor);
  }
  const { step = 0 } = trained;
  return { model, parameters, fitted, numClasses: fitted.labels.length, step, trainedOn };
}

/** The first parameter that the file has not as the model wants it, or the first that the model does not know. */
function wrongTensor({ kind, parameters }: Model, tensors: HostTensors): string | undefined {
  const text = (dtype: string, shape: readonly number[]): string =>
    `${dtype} [${shape.join(", ")}]`;
  for (const { name, shape } of parameters) {
    const found = tensors.get(name);
    const wanted = `the config's model ${kind} has it as ${text("F32", shape)}`;
    if (found === undefined) return `It has no tensor ${name}; ${wanted}.`;
    if (found.dtype === "F32" && isDeepStrictEqual([...found.shape], [...shape])) continue;
    return `Its tensor ${name} is ${text(found.dtype, found.shape)}; ${wanted}.`;
  }
  const known = new Set(parameters.map(({ name }) => name));
  for (const [name, { dtype, shape }] of tensors) {
    if (name.includes("/") || known.has(name)) continue;
    return `Its tensor ${name}, ${text(dtype, shape)}, is unknown to the config's model ${kind}.`;
  }
  return undefined;
}

/** Fields in which the config differs from what the checkpoint was trained with, and which its weights depend on. */
function differences(config: NetworkConfig, { fitted, model }: ModelArtifact): ConfigIssue[] {
  const pairs: [readonly string[], unknown, unknown][] = [];
  const own = modelJson(config.model);
  for (const key of new Set([...Object.keys(own), ...Object.keys(model)])) {
    pairs.push([["model", key], own[key], model[key]]);
  }
  const { tokenizer, input } = fitted;
  if (tokenizer !== undefined) {
    pairs.push([["tokenizer", "kind"], config.tokenizer?.kind, tokenizer.kind]);
    pairs.push([["tokenizer", "lowercase"], config.tokenizer?.lowercase, tokenizer.lowercase]);
  }
  const data: unknown = config.data;
  if (isPlainObject(data)) {
    const { sequenceLength, labels } = data;
    if ("sequenceLength" in input && sequenceLength !== undefined)
      pairs.push([["data", "sequenceLength"], sequenceLength, input.sequenceLength]);
    if (labels !== undefined) pairs.push([["data", "labels"], labels, fitted.labels]);
  }
  return pairs.flatMap(([path, found, trained]) =>
    isDeepStrictEqual(found, trained) ? [] : [difference(path, found, trained)],
  );
}

function difference(path: readonly string[], found: unknown, trained: unknown): ConfigIssue {
  const shown = (value: unknown): string =>
    value === undefined ? "nothing" : JSON.stringify(value);
  return {
    path,
    message: `the checkpoint was trained with ${shown(trained)}`,
    value: shown(found),
  };
}
