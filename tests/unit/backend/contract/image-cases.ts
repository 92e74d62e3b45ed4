/** Operations on images over odd shapes, with the references that they are compared with. */
import * as images from "../../../../src/backend/operations-image.ts";
import { constant } from "../../../../src/backend/operations.ts";
import { sizeOf, type Shape, type Tensor } from "../../../../src/backend/tensor.ts";
import * as reference from "../reference-image.ts";
import type { ImageShape } from "../reference-image.ts";
import { pick } from "./operation-case.ts";

export interface ImageCase {
  readonly title: string;
  /** Of the inputs that get a gradient. */
  readonly shapes: readonly Shape[];
  readonly operation: (inputs: readonly Tensor[]) => Tensor;
  readonly reference: (inputs: readonly (readonly number[])[]) => readonly number[];
}

interface Sizes {
  readonly image: ImageShape;
  readonly kernel: readonly [outputs: number, rows: number, columns: number];
  readonly stride: number;
  readonly padding: number;
}

const convolutionSizes: readonly Sizes[] = [
  { image: [2, 5, 7, 3], kernel: [4, 3, 3], stride: 1, padding: 1 },
  { image: [1, 6, 5, 2], kernel: [3, 3, 2], stride: 2, padding: 0 },
  { image: [2, 4, 4, 1], kernel: [2, 1, 1], stride: 1, padding: 0 },
  { image: [1, 1, 1, 2], kernel: [2, 1, 1], stride: 1, padding: 0 },
  { image: [3, 5, 6, 2], kernel: [2, 3, 3], stride: 3, padding: 2 },
  { image: [2, 3, 3, 2], kernel: [1, 5, 5], stride: 1, padding: 2 },
  { image: [1, 2, 3, 1], kernel: [5, 2, 2], stride: 1, padding: 3 }, // windows of padding alone
  { image: [2, 4, 4, 2], kernel: [2, 1, 1], stride: 2, padding: 0 }, // pixels under no window
];

const convolutionCases = convolutionSizes.flatMap(({ image, kernel, stride, padding }) => {
  const [outputs, windowHeight, windowWidth] = kernel;
  const windows = { windowHeight, windowWidth, stride, padding };
  const shapes = [image, [outputs, image[3], windowHeight, windowWidth]];
  const title = `convolution of ${image.join("×")} by ${kernel.join("×")}, stride ${stride}, padding ${padding}`;
  return [false, true].map((hasBias): ImageCase => ({
    title: `${title}, ${hasBias ? "with" : "without"} bias`,
    shapes: hasBias ? [...shapes, [outputs]] : shapes,
    operation: (tensors) =>
      images.convolution2d(pick(tensors, 0), {
        weight: pick(tensors, 1),
        ...(hasBias && { bias: pick(tensors, 2) }),
        stride,
        padding,
      }),
    reference: (inputs) =>
      reference.convolution({ values: pick(inputs, 0), shape: image }, pick(inputs, 1), {
        outputs,
        ...windows,
        ...(hasBias && { bias: pick(inputs, 2) }),
      }),
  }));
});

const poolingSizes: readonly (images.PoolingWindows & { readonly image: ImageShape })[] = [
  { image: [2, 4, 6, 3], size: 2, stride: 2, padding: 0 },
  { image: [2, 5, 7, 3], size: 3, stride: 2, padding: 1 },
  { image: [1, 5, 5, 2], size: 3, stride: 1, padding: 1 }, // overlapping
  { image: [1, 4, 5, 1], size: 1, stride: 1, padding: 0 },
  { image: [2, 7, 5, 2], size: 2, stride: 3, padding: 0 }, // pixels under no window
  { image: [1, 1, 1, 3], size: 2, stride: 1, padding: 1 },
];

const poolingCases = poolingSizes.flatMap(({ image, size, stride, padding }) => {
  const windows = { windowHeight: size, windowWidth: size, stride, padding };
  return (["max", "average"] as const).map((kind): ImageCase => ({
    title: `${kind} pooling of ${image.join("×")} by ${size}, stride ${stride}, padding ${padding}`,
    shapes: [image],
    operation: (tensors) => {
      const operation = kind === "max" ? images.maxPool2d : images.averagePool2d;
      return operation(pick(tensors, 0), { size, stride, padding });
    },
    reference: (inputs) => reference.pool(pick(inputs, 0), image, { kind, ...windows }),
  }));
});

const epsilon = 1e-3;

const normShapes: readonly Shape[] = [
  [2, 3, 4, 3],
  [7, 2],
  [2, 1, 1, 1],
  [3, 5, 1, 9],
];

const normCases = normShapes.flatMap((shape): ImageCase[] => {
  const channels = shape.at(-1) ?? 0;
  const mean = Array.from({ length: channels }, (_, channel) => Math.fround(0.3 * channel - 0.5));
  const variance = mean.map((value) => Math.fround(value * value + 0.25));
  const constants = (): { mean: Tensor; variance: Tensor } => ({
    mean: constant(Float32Array.from(mean), [channels]),
    variance: constant(Float32Array.from(variance), [channels]),
  });
  return [
    {
      title: `batch norm of ${shape.join("×")}`,
      shapes: [shape, [channels], [channels]],
      operation: (tensors) => {
        const [gain, bias] = [pick(tensors, 1), pick(tensors, 2)];
        return images.batchNorm(pick(tensors, 0), { gain, bias, epsilon });
      },
      reference: (inputs) => {
        const [values, gain, bias] = [pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)];
        const own = reference.channelStatistics(values, channels);
        return reference.normalised(values, {
          gain,
          bias,
          mean: own.map((statistics) => statistics.mean),
          variance: own.map((statistics) => statistics.biased),
          epsilon,
        });
      },
    },
    {
      title: `fixed norm of ${shape.join("×")}`,
      shapes: [shape, [channels], [channels]],
      operation: (tensors) => {
        const [gain, bias] = [pick(tensors, 1), pick(tensors, 2)];
        return images.fixedNorm(pick(tensors, 0), { gain, bias, ...constants(), epsilon });
      },
      reference: (inputs) => {
        const [values, gain, bias] = [pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)];
        return reference.normalised(values, { gain, bias, mean, variance, epsilon });
      },
    },
  ];
});

const swapCases: readonly ImageCase[] = [
  [1, 1, 1],
  [2, 3, 4],
  [3, 17, 9],
].map((shape) => ({
  title: `swap of ${shape.join("×")}`,
  shapes: [shape],
  operation: (tensors) => images.swapAxes(pick(tensors, 0)),
  reference: (inputs) => {
    const [, channels = 0, pixels = 0] = shape;
    return Array.from({ length: sizeOf(shape) }, (_, index) => {
      const [channel, pixel] = [index % channels, Math.floor(index / channels) % pixels];
      const image = Math.floor(index / (channels * pixels));
      return pick(inputs, 0)[(image * channels + channel) * pixels + pixel] ?? NaN;
    });
  },
}));

export const imageCases: readonly ImageCase[] = [
  ...convolutionCases,
  ...poolingCases,
  ...normCases,
  ...swapCases,
];
