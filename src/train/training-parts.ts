/** Finds data source, model and optimizer by the `kind` that a config names, among the built-in ones and a user's. */
import type { TrainingConfig } from "../../schemas/training.ts";
import { builtInDataSources, loadDataset, type Dataset, type Examples } from "../data/dataset.ts";
import type { FittedInput } from "../data/fitted-input.ts";
import { loadUnlabelled } from "../data/unlabelled.ts";
import { builtInModels, createModel } from "../model/create-model.ts";
import { trainedParameters, type Model } from "../model/model.ts";
import { createOptimizer, type Optimizer } from "../optim/optimizer.ts";
import type { TrainingMembers } from "./members.ts";
import { trainingOnly } from "./running.ts";

/** The parts of a run that a config chooses by `kind`. */
export interface TrainingParts {
  /** @param fitted - Of a trained model, which is then not fitted to this data. */
  readonly loadDataset: (
    config: TrainingConfig,
    projectDirectory: string,
    fitted?: FittedInput,
  ) => Promise<Dataset>;
  /** The examples of `data.predict`, `undefined` where the config names none. */
  readonly loadUnlabelled: (
    config: TrainingConfig,
    projectDirectory: string,
    fitted: FittedInput,
  ) => Promise<Examples | undefined>;
  readonly createModel: (
    config: TrainingConfig["model"],
    data: Pick<Dataset, "input" | "labels">,
  ) => Model;
  readonly createOptimizer: (config: TrainingConfig["optimizer"], model: Model) => Optimizer;
}

/** The built-in kinds and the given ones; the schema of the task made sure that no two share a name. */
export function createTrainingParts(members: TrainingMembers): TrainingParts {
  const sources = [...builtInDataSources, ...(members.dataSources ?? [])];
  const models = [...builtInModels, ...(members.models ?? [])];
  return {
    loadDataset: (config, projectDirectory, fitted) =>
      loadDataset(config, projectDirectory, { sources, fitted }),
    loadUnlabelled: (config, projectDirectory, fitted) =>
      loadUnlabelled(config, { projectDirectory, sources, fitted }),
    createModel: (config, { input, labels }) =>
      createModel(config, { input, numClasses: labels.length }, models),
    createOptimizer: (config, model) => findOptimizer(config, model, members),
  };
}

function findOptimizer(
  config: TrainingConfig["optimizer"],
  model: Model,
  { optimizers = [] }: TrainingMembers,
): Optimizer {
  const parameters = trainedParameters(model);
  const own = optimizers.find(({ kind }) => kind === config.kind);
  // Its schema checked the config when it was resolved.
  const optimizer = own?.create(config as never, parameters) ?? createOptimizer(config, parameters);
  return trainingOnly(model, optimizer);
}
