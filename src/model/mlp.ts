/** A multi-layer perceptron: dense layers over numeric features, for classification. */
import { mlpSchema, type MlpConfig } from "../../schemas/model.ts";
import { constant, dense, dropout, gelu, relu, tanh } from "../backend/operations.ts";
import { parameter, type Tensor } from "../backend/tensor.ts";
import { ExpError, InternalError } from "../core/errors.ts";
import { dropoutSite } from "./dropout-site.ts";
import { glorotNormal, heNormal } from "./initialise.ts";
import { defineModel, type Model, type ModelDefinition, type ModelFacts } from "./model.ts";
import { denseSpecs } from "./parameter-specs.ts";

const activations = { relu, gelu, tanh } as const;

/** `model.kind: "mlp"`. */
export const mlpModel: ModelDefinition<typeof mlpSchema> = defineModel({
  kind: "mlp",
  schema: mlpSchema,
  build: buildMlp,
});

/**
 * Parameters `layers.<i>.weight` [out, in] and `layers.<i>.bias`. Hidden layers begin with He's normal for ReLU and GELU
 * and with Glorot's for tanh; the last layer, which has no activation, with Glorot's.
 */
function buildMlp(config: MlpConfig, facts: ModelFacts): Model {
  const { input, numClasses } = facts;
  if (input.kind !== "features") {
    throw new ExpError("config", "The model does not fit the data.", {
      issues: [
        {
          path: ["model", "kind"],
          message: "mlp reads numeric features, and the data is text.",
          value: '"mlp"',
        },
      ],
      hint: `Choose model.kind=${input.kind === "tokens" ? "bert for text" : "gpt for characters"}.`,
    });
  }
  const widths = [input.numFeatures, ...config.hiddenSizes, numClasses];
  const layers = widths.slice(1).map((out, index) => ({
    name: `layers.${index}`,
    shape: [out, widths[index] ?? 0] as const,
    isLast: index === widths.length - 2,
  }));
  const activate = activations[config.activation];
  return {
    kind: "mlp",
    parameters: layers.flatMap(({ name, shape, isLast }) => {
      const isLinear = isLast || config.activation === "tanh";
      return denseSpecs(name, shape, isLinear ? glorotNormal(shape) : heNormal(shape));
    }),
    forward: (parameters, batch, mode) => {
      if (batch.kind !== "features")
        throw new InternalError("mlp was given a batch without features");
      let hidden: Tensor = constant(batch.features, [batch.size, batch.numFeatures]);
      for (const [index, { name, isLast }] of layers.entries()) {
        const weight = parameter(parameters, `${name}.weight`);
        const bias = parameter(parameters, `${name}.bias`);
        hidden = dense(hidden, { weight, bias, isInputConstant: index === 0 });
        if (isLast) continue;
        const site = dropoutSite(mode, {
          site: name,
          rate: config.dropoutRate,
          numExamples: batch.size,
        });
        hidden = dropout(activate(hidden), site);
      }
      return hidden;
    },
  };
}
