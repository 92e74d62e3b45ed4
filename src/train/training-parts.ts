/** Finds data source, model and optimizer by the `kind` that a config names, among the built-in ones and a user's. */
import type { TrainingConfig } from "../../schemas/training.ts";
import { builtInDataSources, loadDataset, type Dataset } from "../data/dataset.ts";
import { builtInModels, createModel } from "../model/create-model.ts";
import type { Model } from "../model/model.ts";
import { createOptimizer, type Optimizer } from "../optim/optimizer.ts";
import type { TrainingMembers } from "./members.ts";

/** The parts of a run that a config chooses by `kind`. */
export interface TrainingParts {
  readonly loadDataset: (config: TrainingConfig, projectDirectory: string) => Promise<Dataset>;
  readonly createModel: (config: TrainingConfig["model"], dataset: Dataset) => Model;
  readonly createOptimizer: (config: TrainingConfig["optimizer"], model: Model) => Optimizer;
}

/** The built-in kinds and the given ones; the schema of the task made sure that no two share a name. */
export function createTrainingParts(members: TrainingMembers): TrainingParts {
  const sources = [...builtInDataSources, ...(members.dataSources ?? [])];
  const models = [...builtInModels, ...(members.models ?? [])];
  return {
    loadDataset: (config, projectDirectory) => loadDataset(config, projectDirectory, sources),
    createModel: (config, { input, labels }) =>
      createModel(config, { input, numClasses: labels.length }, models),
    createOptimizer: (config, model) => findOptimizer(config, model, members),
  };
}

function findOptimizer(
  config: TrainingConfig["optimizer"],
  { parameters }: Model,
  { optimizers = [] }: TrainingMembers,
): Optimizer {
  const own = optimizers.find(({ kind }) => kind === config.kind);
  // Its schema checked the config when it was resolved.
  if (own !== undefined) return own.create(config as never, parameters);
  return createOptimizer(config, parameters);
}
