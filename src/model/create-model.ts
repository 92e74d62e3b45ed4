/** From `model` of a config to the model itself. */
import { bertModel } from "./bert.ts";
import { cnnModel } from "./cnn.ts";
import { gptModel } from "./gpt.ts";
import { mlpModel } from "./mlp.ts";
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import type { Model, ModelDefinition, ModelFacts } from "./model.ts";

/** The kinds that come with Lockstep; `training.with({ models })` adds to them. */
export const builtInModels: readonly ModelDefinition[] = [bertModel, cnnModel, gptModel, mlpModel];

/**
 * Builds the model that a config asks for.
 * @param config - `model` of a resolved config.
 * @param definitions - Kinds to choose from.
 * @throws {ExpError} `config` when the kind is not known, or the config does not fit the data.
 */
export function createModel(
  config: { readonly kind: string },
  facts: ModelFacts,
  definitions: readonly ModelDefinition[] = builtInModels,
): Model {
  const definition = definitions.find(({ kind }) => kind === config.kind);
  if (definition === undefined) throw unknownKind(config.kind, definitions);
  // The config was validated when it was resolved; the schema of this kind is what gave it its shape.
  const model = definition.build(config, facts);
  checkNames(model);
  return model;
}

function unknownKind(kind: string, definitions: readonly ModelDefinition[]): ExpError {
  const kinds = definitions.map((definition) => definition.kind);
  const suggestion = nearest(kind, kinds);
  const issue = {
    path: ["model", "kind"],
    message: `Expected one of ${kinds.join(", ")}.`,
    value: JSON.stringify(kind),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
  return new ExpError("config", "There is no such kind of model.", {
    issues: [issue],
    hint: "Models of your own are registered with training.with({ models: [...] }).",
  });
}

/** Two parameters of one name would share a stream, a checkpoint's place and the optimizer's state. */
function checkNames(model: Model): void {
  const names = new Set<string>();
  for (const { name } of model.parameters) {
    if (names.has(name)) {
      throw new ExpError(
        "config",
        `The model ${model.kind} declares the parameter ${name} twice.`,
        {
          hint: "Give every parameter a name of its own.",
        },
      );
    }
    names.add(name);
  }
}
