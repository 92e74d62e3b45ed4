/** A convolutional network: stages of convolution, batch norm, activation and pooling, then dense layers. */
import { cnnSchema, type CnnConfig } from "../../schemas/model.ts";
import * as images from "../backend/operations-image.ts";
import { constant, dense, dropout, gelu, relu, reshape } from "../backend/operations.ts";
import { axisSize, parameter, type Parameters, type Tensor } from "../backend/tensor.ts";
import { InternalError } from "../core/errors.ts";
import { cnnLayout, type CnnLayout, type Stage } from "./cnn-layout.ts";
import { dropoutSite } from "./dropout-site.ts";
import { filled, glorotNormal, heNormal } from "./initialise.ts";
import {
  defineModel,
  type Batch,
  type Mode,
  type Model,
  type ModelDefinition,
  type ModelFacts,
  type ParameterSpec,
} from "./model.ts";
import { batchNormSpecs, denseSpecs } from "./parameter-specs.ts";

const activations = { relu, gelu } as const;
/** As in PyTorch. */
const epsilon = 1e-5;

/** `model.kind: "cnn"`. */
export const cnnModel: ModelDefinition<typeof cnnSchema> = defineModel({
  kind: "cnn",
  schema: cnnSchema,
  build: buildCnn,
});

/** One pass through the model. */
interface Pass {
  readonly config: CnnConfig;
  readonly parameters: Parameters;
  readonly mode: Mode;
}

interface DenseLayer {
  /** `layers.<i>` */
  readonly name: string;
  readonly shape: readonly [outputs: number, inputs: number];
  readonly isLast: boolean;
}

function buildCnn(config: CnnConfig, facts: ModelFacts): Model {
  const layout = cnnLayout(config, facts);
  const layers = denseLayers(config, layout, facts.numClasses);
  return {
    kind: "cnn",
    parameters: [
      ...layout.stages.flatMap((stage) => stageSpecs(stage, config)),
      ...layers.flatMap(({ name, shape, isLast }) =>
        denseSpecs(name, shape, isLast ? glorotNormal(shape) : heNormal(shape)),
      ),
    ],
    forward: (parameters, batch, mode) => {
      const pass = { config, parameters, mode };
      let hidden = imagesOf(batch, config);
      for (const [index, stage] of layout.stages.entries()) {
        hidden = throughStage(hidden, { stage, isInputConstant: index === 0 }, pass);
      }
      return throughLayers(flattened(hidden), layers, pass);
    },
  };
}

function denseLayers(
  { hiddenSizes }: CnnConfig,
  { last }: CnnLayout,
  numClasses: number,
): readonly DenseLayer[] {
  const widths = [last.height * last.width * last.channels, ...hiddenSizes, numClasses];
  return widths.slice(1).map((outputs, index) => ({
    name: `layers.${index}`,
    shape: [outputs, widths[index] ?? 0],
    isLast: index === widths.length - 2,
  }));
}

/**
 * `<stage>.convolution.weight` [out, in, rows, columns] begins with He's normal. With a batch norm it has no bias, which
 * the norm would take away again.
 */
function stageSpecs(
  { name, channels, inputChannels, kernelSize }: Stage,
  { normalization, batchNormMomentum }: CnnConfig,
): readonly ParameterSpec[] {
  const shape = [channels, inputChannels, kernelSize, kernelSize];
  const weight = `${name}.convolution.weight`;
  const spec = { name: weight, shape, decay: true, initialise: heNormal(shape) };
  if (normalization === "batch") {
    return [spec, ...batchNormSpecs(`${name}.norm`, channels, batchNormMomentum)];
  }
  const bias = `${name}.convolution.bias`;
  const initialise = filled(channels, 0);
  return [spec, { name: bias, shape: [channels], decay: false, initialise }];
}

function imagesOf(batch: Batch, { image }: CnnConfig): Tensor {
  if (batch.kind !== "features") throw new InternalError("cnn was given a batch without features");
  return constant(batch.features, [batch.size, image.height, image.width, image.channels]);
}

/** Convolution, batch norm, activation, pooling. */
function throughStage(
  input: Tensor,
  { stage, isInputConstant }: { readonly stage: Stage; readonly isInputConstant: boolean },
  pass: Pass,
): Tensor {
  const { name, stride, padding, pooling, poolSize } = stage;
  const { config, parameters } = pass;
  const isNormalised = config.normalization === "batch";
  const convolved = images.convolution2d(input, {
    weight: parameter(parameters, `${name}.convolution.weight`),
    ...(!isNormalised && { bias: parameter(parameters, `${name}.convolution.bias`) }),
    stride,
    padding,
    isInputConstant,
  });
  const normal = isNormalised ? normalised(convolved, `${name}.norm`, pass) : convolved;
  const activate = activations[config.activation];
  if (pooling === "none") return activate(normal);
  const windows = { size: poolSize, stride: poolSize, padding: 0 };
  if (pooling === "average") return images.averagePool2d(activate(normal), windows);
  // What is largest before ReLU is largest after it, with the same gradient: it costs less on what is left of the images.
  const isRelu = config.activation === "relu";
  return isRelu
    ? activate(images.maxPool2d(normal, windows))
    : images.maxPool2d(activate(normal), windows);
}

/** By the statistics of the batch in training, which are observed; by the running ones in evaluation. */
function normalised(input: Tensor, name: string, { parameters, mode }: Pass): Tensor {
  const [gain, bias] = [
    parameter(parameters, `${name}.weight`),
    parameter(parameters, `${name}.bias`),
  ];
  const [meanName, varianceName] = [`${name}.running_mean`, `${name}.running_var`];
  if (mode.kind === "train") {
    const observe = ({ mean, variance }: images.BatchStatistics): void => {
      mode.observe?.(meanName, mean);
      mode.observe?.(varianceName, variance);
    };
    return images.batchNorm(input, { gain, bias, epsilon, observe });
  }
  const mean = parameter(parameters, meanName);
  const variance = parameter(parameters, varianceName);
  return images.fixedNorm(input, { gain, bias, mean, variance, epsilon });
}

/** [batch, height, width, channels] → [batch, channels · height · width]: PyTorch's order, so that its weights fit. */
function flattened(input: Tensor): Tensor {
  const [batch, channels] = [axisSize(input.shape, 0), axisSize(input.shape, 3)];
  const numPixels = axisSize(input.shape, 1) * axisSize(input.shape, 2);
  const swapped = images.swapAxes(reshape(input, [batch, numPixels, channels]));
  return reshape(swapped, [batch, numPixels * channels]);
}

function throughLayers(input: Tensor, layers: readonly DenseLayer[], pass: Pass): Tensor {
  const { config, parameters, mode } = pass;
  const numExamples = axisSize(input.shape, 0);
  let hidden = input;
  for (const { name, isLast } of layers) {
    const site = dropoutSite(mode, { site: name, rate: config.dropoutRate, numExamples });
    const weight = parameter(parameters, `${name}.weight`);
    const bias = parameter(parameters, `${name}.bias`);
    hidden = dense(dropout(hidden, site), { weight, bias });
    if (!isLast) hidden = activations[config.activation](hidden);
  }
  return hidden;
}
