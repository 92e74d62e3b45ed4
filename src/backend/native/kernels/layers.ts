/** Dense layers, layer norm and the loss, by operations of the library. */
import * as crossEntropyKernel from "../../kernels/cross-entropy.ts";
import { dense, denseGradient } from "../../kernels/dense.ts";
import { layerNormBackward, layerNormForward } from "../../kernels/layer-norm.ts";
import { axisSize, sizeOf } from "../../tensor.ts";
import { compose, type ComposedKernel, type Composition } from "../composition.ts";
import type { TensorId } from "../constants.ts";
import { geluWithSlope } from "./elementwise.ts";

const fastDense = compose(dense, ({ work, id, shape, attributes: { activation } }) => {
  const [rows, inner] = [axisSize(shape("input"), 0), axisSize(shape("input"), 1)];
  const columns = axisSize(shape("weight"), 0);
  const product =
    inner === 0
      ? work.values(new Float32Array(rows * columns), [rows, columns])
      : work.multiply(id("input"), id("weight"), { transposeRight: true });
  const before = work.run("BiasAdd", [product, id("bias")]);
  switch (activation) {
    case "none":
      return [before];
    case "relu":
      return [work.run("Relu", [before])];
    case "gelu":
      return geluWithSlope(work, before);
  }
});

const fastDenseGradient = compose(denseGradient, ({ work, id, shape, attributes }) => {
  const { ofInput, ofBias } = attributes;
  const gradient = {
    none: () => id("outputGradient"),
    relu: () => work.run("ReluGrad", [id("outputGradient"), id("atActivation")]),
    gelu: () => work.run("Mul", [id("outputGradient"), id("atActivation")]),
  }[attributes.activation]();
  const none = (): TensorId => work.values(new Float32Array(0), [0]);
  const isEmpty = sizeOf(shape("weight")) === 0 || axisSize(shape("input"), 0) === 0;
  const zeros = (name: "input" | "weight"): TensorId =>
    work.values(new Float32Array(sizeOf(shape(name))), shape(name));
  const ofWeight = isEmpty
    ? zeros("weight")
    : work.multiply(gradient, id("input"), { transposeLeft: true });
  const product = (): TensorId =>
    isEmpty ? zeros("input") : work.multiply(gradient, id("weight"));
  return [ofWeight, ofInput ? product() : none(), ofBias ? columnSum(work, gradient) : none()];
});

const fastLayerNorm = compose(layerNormForward, ({ work, id, attributes }) => {
  const { backend } = work;
  const input = id("input");
  const mean = work.rowMean(input);
  const deviation = work.run("Sub", [input, mean]);
  const variance = work.rowMean(work.run("Square", [deviation]));
  const moved = work.run("AddV2", [variance, backend.scalar(attributes.epsilon)]);
  // NaN where the variance overflows, whose root would be 0, and the row with it; else as it is.
  const scale = work.run("AddV2", [work.run("Rsqrt", [moved]), work.run("Sub", [moved, moved])]);
  const normal = work.run("Mul", [deviation, scale]);
  const value = work.run("AddV2", [work.run("Mul", [normal, id("gain")]), id("bias")]);
  return [value, work.reshape(mean, [-1]), work.reshape(scale, [-1])];
});

const fastLayerNormGradient = compose(layerNormBackward, ({ work, id, shape }) => {
  const column = [axisSize(shape("input"), 0), 1];
  const scale = work.reshape(id("scale"), column);
  const deviation = work.run("Sub", [id("input"), work.reshape(id("mean"), column)]);
  const normal = work.run("Mul", [deviation, scale]);
  const dy = id("outputGradient");
  const scaled = work.run("Mul", [dy, id("gain")]);
  const meanTimesNormal = work.rowMean(work.run("Mul", [scaled, normal]));
  const centred = work.run("Sub", [scaled, work.rowMean(scaled)]);
  const rest = work.run("Sub", [centred, work.run("Mul", [normal, meanTimesNormal])]);
  const inputGradient = work.run("Mul", [rest, scale]);
  return [inputGradient, columnSum(work, work.run("Mul", [dy, normal])), columnSum(work, dy)];
});

/** [rows, columns] → [columns]. */
export function columnSum(work: Composition, id: TensorId): TensorId {
  return work.run("BiasAddGrad", [id]);
}

/** One class has all of each row's weight, or labels are smoothed; the second takes a dense table of targets. */
const fastCrossEntropy = compose(
  crossEntropyKernel.crossEntropy,
  ({ work, id, shape, attributes: { labelSmoothing, divisor } }) => {
    const { backend } = work;
    const numClasses = axisSize(shape("logits"), 1);
    const [kind, targets] =
      labelSmoothing === 0
        ? ["SparseSoftmax", id("labels")]
        : ["Softmax", smoothed(work, id("labels"), { numClasses, labelSmoothing })];
    const outputs = work.runAll(`${kind}CrossEntropyWithLogits`, [id("logits"), targets], {
      numOutputs: 2,
    });
    const [losses = -1, gradient = -1] = outputs;
    const share = backend.scalar(1 / divisor);
    const loss = work.run("Mul", [work.sum(losses, [0]), share]);
    return [loss, work.run("Mul", [gradient, share])];
  },
);

function smoothed(
  work: Composition,
  labels: TensorId,
  { numClasses, labelSmoothing }: { readonly numClasses: number; readonly labelSmoothing: number },
): TensorId {
  const { backend } = work;
  const off = labelSmoothing / numClasses;
  const inputs = [
    labels,
    backend.constants.integer(numClasses),
    backend.scalar(1 - labelSmoothing + off),
    backend.scalar(off),
  ];
  return work.run("OneHot", inputs);
}

/** All of them. */
export const layerKernels: readonly ComposedKernel[] = [
  fastDense,
  fastDenseGradient,
  fastLayerNorm,
  fastLayerNormGradient,
  fastCrossEntropy,
];
