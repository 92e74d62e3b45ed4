/**
 * What users can add to the training task: kinds of models, data sources and optimizers. Types only, but for
 * `defineOptimizer`, so that an experiment that registers its own kinds loads nothing but them.
 */
import type { z } from "zod";
import type { OnEvent } from "../core/hooks.ts";
import type { NamedSchema, SchemaTypes } from "../core/named.ts";
import type { AnyDataSource } from "../data/data-source.ts";
import type { ModelDefinition } from "../model/model.ts";
import type { OptimizedParameter, Optimizer } from "../optim/optimizer.ts";

/** What every optimizer's config has; the schedule moves the learning rate. */
export interface OptimizerConfig {
  readonly kind: string;
  readonly learningRate: number;
}

/** A kind of optimizer: its config and how to make it. */
export interface OptimizerDefinition<Output extends OptimizerConfig, Input> {
  /** The value of `optimizer.kind` that chooses it. */
  readonly kind: string;
  /** A strict object whose `kind` is the literal above, with a `learningRate`. */
  readonly schema: NamedSchema<Output, Input>;
  /** @param parameters - Of the model, in its order. */
  readonly create: (config: Output, parameters: readonly OptimizedParameter[]) => Optimizer;
}

/** An optimizer whose config type is forgotten, for lists of optimizers. */
export interface AnyOptimizerDefinition {
  readonly kind: string;
  readonly schema: z.core.$ZodType<OptimizerConfig>;
  readonly create: (config: never, parameters: readonly OptimizedParameter[]) => Optimizer;
}

/** An optimizer for `training.with({ optimizers: [...] })`, its `create` typed by its `schema`. */
export function defineOptimizer<Output extends OptimizerConfig, Input>(definition: {
  readonly kind: string;
  readonly schema: SchemaTypes<Output, Input>;
  readonly create: (
    config: NoInfer<Output>,
    parameters: readonly OptimizedParameter[],
  ) => Optimizer;
}): OptimizerDefinition<Output, Input> {
  const schema = definition.schema as NamedSchema<Output, Input>; // the same object; zod made it
  return Object.freeze({ ...definition, schema });
}

/** Kinds beside the built-in ones. */
export interface TrainingMembers {
  readonly models?: readonly ModelDefinition[];
  readonly dataSources?: readonly AnyDataSource[];
  readonly optimizers?: readonly AnyOptimizerDefinition[];
  /** As `defineTask` takes it; default: that of the task, which has none. */
  readonly tolerance?: number;
  /** As `defineTask` takes it; default: that of the task, which has none. */
  readonly onEvent?: OnEvent;
}
