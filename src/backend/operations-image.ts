/**
 * Operations on images, [batch, height, width, channels]: convolution, pooling and batch norm, each with its gradient.
 * A window of `size` with the padding (size − 1)/2 and the stride 1 keeps height and width; without padding, only whole
 * windows inside of the image count.
 */
import * as tf from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../core/errors.ts";
import { checkCount, checkFloats, checkTensor, refused } from "./arguments.ts";
import { differentiable } from "./differentiable.ts";
import { convolveDirectly, hasDirectConvolution } from "./direct-convolution.ts";
import { valuesOf } from "./gradients.ts";
import * as norm from "./kernels/batch-norm.ts";
import * as convolution from "./kernels/convolution.ts";
import * as pooling from "./kernels/image-pooling.ts";
import { fourSizes, windowedShape, type Windows } from "./kernels/windows.ts";
import { dense, reshape } from "./operations.ts";
import { columnSum } from "./kernels/rows.ts";
import type { Shape, Tensor } from "./tensor.ts";

export interface ConvolutionLayer {
  /** [out, in, rows, columns], as PyTorch lays it out. */
  readonly weight: Tensor;
  /** [out]; absent where a batch norm follows, which would take it away again. */
  readonly bias?: Tensor;
  /** Pixels from one window to the next, at least 1. */
  readonly stride: number;
  /** Zeros around each image, at least 0. */
  readonly padding: number;
  /** The input came from the data, which spares its gradient. */
  readonly isInputConstant?: boolean;
}

/**
 * Every window of every image times the weights (a cross-correlation, as in PyTorch), plus the bias.
 * @param input - [batch, height, width, in]
 * @returns [batch, rows of windows, columns of windows, out]
 * @throws {ExpError} `training` where the shapes do not fit, or a window is larger than the padded image.
 */
export function convolution2d(input: Tensor, layer: ConvolutionLayer): Tensor {
  const { weight, bias, stride, padding, isInputConstant = false } = layer;
  checkConvolution(input, layer);
  const [outputs, inputs, windowHeight, windowWidth] = fourSizes(weight.shape);
  const windows = { windowHeight, windowWidth, stride, padding };
  if (hasDirectConvolution()) {
    const value = convolveDirectly(input, weight, { ...windows, isInputConstant });
    return bias === undefined ? value : addToChannels(value, bias);
  }
  const [batch, rows, columns] = windowedShape(input.shape, windows);
  const lines = isInputConstant
    ? convolution.imageToColumns.one({ input }, windows)
    : columnsOf(input, windows);
  // The weights of a window in the order of its row: pixel by pixel, the channels side by side.
  const byPixel = swapAxes(reshape(weight, [outputs, inputs, windowHeight * windowWidth]));
  const matrix = reshape(byPixel, [outputs, windowHeight * windowWidth * inputs]);
  const product =
    bias === undefined
      ? multiply(lines, matrix, isInputConstant)
      : dense(lines, { weight: matrix, bias, isInputConstant });
  return reshape(product, [batch, rows, columns, outputs]);
}

/** @param bias - [channels], of the last axis. */
function addToChannels(input: Tensor, bias: Tensor): Tensor {
  return differentiable([input, bias], () => ({
    value: tf.add(input, bias),
    kept: {},
    gradient: (dy) => [dy, columnSum.one({ input: tf.reshape(dy, [-1, bias.size]) }, {})],
  }));
}

function checkConvolution(input: Tensor, layer: ConvolutionLayer): void {
  const { weight, bias, stride, padding } = layer;
  checkTensor("convolution2d: weight", weight, ["out", "in", "rows", "columns"]);
  const [outputs, inputs, windowHeight, windowWidth] = fourSizes(weight.shape);
  checkTensor("convolution2d: input", input, ["batch", "height", "width", inputs]);
  if (bias !== undefined) checkTensor("convolution2d: bias", bias, [outputs]);
  checkCount("convolution2d: stride", stride, 1);
  checkCount("convolution2d: padding", padding, 0);
  checkFits("convolution2d", input.shape, { windowHeight, windowWidth, stride, padding });
}

/** Refuses windows that are larger than the padded image, or empty. */
function checkFits(operation: string, shape: Shape, windows: Windows): void {
  const { windowHeight, windowWidth, padding } = windows;
  checkCount(`${operation}: the height of a window`, windowHeight, 1);
  checkCount(`${operation}: the width of a window`, windowWidth, 1);
  const [height = 0, width = 0] = shape.slice(1);
  if (windowHeight <= height + 2 * padding && windowWidth <= width + 2 * padding) return;
  throw refused(
    `${operation}: input`,
    `has images of ${height} × ${width} with ${padding} around them`,
    `at least a window of ${windowHeight} × ${windowWidth}`,
  );
}

function columnsOf(input: Tensor, windows: Windows): Tensor {
  return differentiable([input], () => ({
    value: convolution.imageToColumns.one({ input }, windows),
    kept: {},
    gradient: (dy) => [
      convolution.columnsToImage.one({ columns: dy }, { ...windows, imageShape: input.shape }),
    ],
  }));
}

/** input · weightᵀ */
function multiply(input: Tensor, weight: Tensor, isInputConstant: boolean): Tensor {
  return differentiable(isInputConstant ? [weight] : [input, weight], () => ({
    value: tf.matMul(input, weight, false, true),
    kept: { input, weight },
    gradient: (dy, kept) => [
      ...(isInputConstant ? [] : [tf.matMul(dy, kept.weight)]),
      tf.matMul(dy, kept.input, true, false),
    ],
  }));
}

/**
 * [images, channels, pixels] → [images, pixels, channels] and back: between PyTorch's order of an image's values and that
 * of this folder.
 * @param input - [matrices, rows, columns]
 * @returns [matrices, columns, rows]
 */
export function swapAxes(input: Tensor): Tensor {
  checkTensor("swapAxes: input", input, ["matrices", "rows", "columns"]);
  return differentiable([input], () => ({
    value: convolution.swapAxes.one({ input }, {}),
    kept: {},
    gradient: (dy) => [convolution.swapAxes.one({ input: dy }, {})],
  }));
}

export interface PoolingWindows {
  /** Height and width of a window, at least 1. */
  readonly size: number;
  /** Pixels from one window to the next, at least 1. */
  readonly stride: number;
  /** Pixels around each image that windows may reach into, 0 to half of `size`. */
  readonly padding: number;
}

/**
 * The largest value of each window, channel by channel; NaN where there is one. The padding is never chosen. The gradient
 * goes to the first largest value from the top left.
 * @param input - [batch, height, width, channels]
 * @returns [batch, rows of windows, columns of windows, channels]
 * @throws {ExpError} `training` where a window is larger than the padded image, or the padding than half a window.
 */
export function maxPool2d(input: Tensor, sizes: PoolingWindows): Tensor {
  const windows = poolingWindows("maxPool2d", input, sizes);
  return differentiable([input], () => {
    const [value, winners] = pooling.maxPool.call({ input }, windows);
    if (!value || !winners) throw new InternalError("max pooling gave too few outputs");
    return {
      value,
      kept: { winners },
      gradient: (outputGradient, kept) => [
        pooling.maxPoolGradient.one(
          { ...kept, outputGradient },
          { ...windows, imageShape: input.shape },
        ),
      ],
    };
  });
}

/**
 * The mean of each window, channel by channel. The padding counts as zeros, as it does by default in PyTorch.
 * @param input - [batch, height, width, channels]
 * @returns [batch, rows of windows, columns of windows, channels]
 * @throws {ExpError} as `maxPool2d`.
 */
export function averagePool2d(input: Tensor, sizes: PoolingWindows): Tensor {
  const windows = poolingWindows("averagePool2d", input, sizes);
  return differentiable([input], () => ({
    value: pooling.averagePool.one({ input }, windows),
    kept: {},
    gradient: (outputGradient) => [
      pooling.averagePoolGradient.one({ outputGradient }, { ...windows, imageShape: input.shape }),
    ],
  }));
}

/** What a batch norm measured, channel by channel. */
export interface BatchStatistics {
  readonly mean: Float32Array;
  /** Unbiased, as a running variance is kept. */
  readonly variance: Float32Array;
}

/**
 * Normalises each channel to mean 0 and variance 1 over all rows of the batch, then scales and shifts.
 * The statistics are those of this tensor alone: where a step is cut into several passes, each is normalised by its own.
 * @param input - [..., channels]; at least two values a channel.
 * @param layer - `gain` and `bias` [channels]; `epsilon` is added to the biased variance. `observe` is told the statistics.
 * @throws {ExpError} `training` where a channel has fewer than two values, whose variance says nothing.
 * @see Ioffe & Szegedy, "Batch Normalization", ICML 2015.
 */
export function batchNorm(
  input: Tensor,
  layer: {
    readonly gain: Tensor;
    readonly bias: Tensor;
    readonly epsilon: number;
    readonly observe?: (statistics: BatchStatistics) => void;
  },
): Tensor {
  const { gain, bias, epsilon, observe } = layer;
  checkChannels("batchNorm", input, { gain, bias });
  if (input.size < 2 * gain.size) throw tooFewValues(input.shape);
  return differentiable([input, gain, bias], () => {
    const outputs = norm.batchNormForward.call({ input, gain, bias }, { epsilon });
    const [value, mean, scale, variance] = outputs;
    if (!value || !mean || !scale || !variance) {
      throw new InternalError("batch norm gave too few outputs");
    }
    observe?.({ mean: valuesOf(() => mean), variance: valuesOf(() => variance) });
    return {
      value,
      kept: { input, gain, mean, scale },
      gradient: (outputGradient, kept) =>
        norm.batchNormBackward.call({ ...kept, outputGradient }, {}),
    };
  });
}

function tooFewValues(shape: Shape): ExpError {
  return new ExpError(
    "training",
    `A batch norm over [${shape.join(", ")}] has fewer than two values a channel to take a variance of.`,
    {
      hint: "Raise training.batchSize, or set training.dropLastBatch=true if only the last batch is short.",
    },
  );
}

/**
 * `batchNorm` with a mean and a variance that do not depend on the batch: in evaluation, the running ones.
 * @param input - [..., channels]
 * @param layer - `gain`, `bias`, `mean` and `variance` [channels]; the last two get no gradient.
 */
export function fixedNorm(
  input: Tensor,
  layer: {
    readonly gain: Tensor;
    readonly bias: Tensor;
    readonly mean: Tensor;
    readonly variance: Tensor;
    readonly epsilon: number;
  },
): Tensor {
  const { gain, bias, mean, variance, epsilon } = layer;
  checkChannels("fixedNorm", input, { gain, bias, mean, variance });
  return differentiable([input, gain, bias], () => {
    const [value, scale] = norm.fixedNormForward.call(
      { input, gain, bias, mean, variance },
      { epsilon },
    );
    if (!value || !scale) throw new InternalError("fixed norm gave too few outputs");
    return {
      value,
      kept: { input, gain, mean, scale },
      gradient: (outputGradient, kept) =>
        norm.fixedNormBackward.call({ ...kept, outputGradient }, {}),
    };
  });
}

function poolingWindows(operation: string, input: Tensor, sizes: PoolingWindows): Windows {
  const { size, stride, padding } = sizes;
  checkTensor(`${operation}: input`, input, ["batch", "height", "width", "channels"]);
  checkCount(`${operation}: size`, size, 1);
  checkCount(`${operation}: stride`, stride, 1);
  checkCount(`${operation}: padding`, padding, 0);
  if (2 * padding > size) {
    throw refused(`${operation}: padding`, `is ${padding}`, `at most half of a window of ${size}`);
  }
  const windows = { windowHeight: size, windowWidth: size, stride, padding };
  checkFits(operation, input.shape, windows);
  return windows;
}

/** Refuses images without channels, and statistics or parameters that are not one for each channel. */
function checkChannels(
  operation: string,
  input: Tensor,
  layer: Readonly<Record<string, Tensor>>,
): void {
  checkFloats(`${operation}: input`, input.dtype);
  const channels = input.shape.at(-1);
  if (channels === undefined)
    throw refused(`${operation}: input`, "is a scalar", "[..., channels]");
  for (const [name, tensor] of Object.entries(layer)) {
    checkTensor(`${operation}: ${name}`, tensor, [channels]);
  }
}
