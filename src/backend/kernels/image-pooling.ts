/** Pooling over windows of images [batch, height, width, channels], each channel by itself, forward and backward. */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import type { Shape } from "../tensor.ts";
import { windowedShape, windowGrid, type WindowGrid, type Windows } from "./windows.ts";

/** Windows, and the shape of the images that they lie over. */
export interface ImageWindows extends Windows {
  /** [batch, height, width, channels] */
  readonly imageShape: Shape;
}

interface Pixel {
  /** Index of its first channel in its image. */
  readonly from: number;
  /** Its number in the window, from the top left to the bottom right, the padding counted. */
  readonly offset: number;
}

/**
 * Outputs: the largest value of each window and channel, and its pixel's number in the window: the first of equal ones.
 * A NaN is the largest; the padding is never chosen.
 */
export const maxPool: HostKernel<"input", Windows> = defineKernel({
  name: "MaxPool",
  inputs: ["input"],
  outputShapes: ({ input }, windows) => [
    windowedShape(input, windows),
    windowedShape(input, windows),
  ],
  compute: ({ floats, shape, output, attributes }) => {
    const [input, largest, winners] = [floats("input"), output(0), output(1)];
    const grid = windowGrid(shape("input"), attributes);
    forEachWindow(grid, attributes, (to, image, pixels) => {
      for (const pixel of pixels) {
        const from = image + pixel.from;
        const isFirst = pixel === pixels[0];
        for (let channel = 0; channel < grid.channels; channel++) {
          const value = input[from + channel] ?? 0;
          if (!isFirst && !isLarger(value, largest[to + channel] ?? 0)) continue;
          largest[to + channel] = value;
          winners[to + channel] = pixel.offset;
        }
      }
    });
  },
});

function isLarger(value: number, than: number): boolean {
  return value > than || (Number.isNaN(value) && !Number.isNaN(than));
}

/**
 * The gradient of `maxPool`, from its second output: it goes to the largest value of each window. Where windows overlap,
 * the sum runs in double precision, window after window.
 */
export const maxPoolGradient: HostKernel<"winners" | "outputGradient", ImageWindows> = defineKernel(
  {
    name: "MaxPoolGradient",
    inputs: ["winners", "outputGradient"],
    outputShapes: (_, { imageShape }) => [imageShape],
    compute: ({ floats, output, attributes }) => {
      const [winners, gradient, result] = [floats("winners"), floats("outputGradient"), output(0)];
      const grid = windowGrid(attributes.imageShape, attributes);
      const sums = new Float64Array(result.length);
      forEachWindow(grid, attributes, (to, image, pixels) => {
        for (const { from, offset } of pixels) {
          for (let channel = 0; channel < grid.channels; channel++) {
            if (winners[to + channel] !== offset) continue;
            const at = image + from + channel;
            sums[at] = (sums[at] ?? 0) + (gradient[to + channel] ?? 0);
          }
        }
      });
      result.set(sums);
    },
  },
);

/** The sum of each window over the number of its pixels; the padding counts as zeros. */
export const averagePool: HostKernel<"input", Windows> = defineKernel({
  name: "AveragePool",
  inputs: ["input"],
  outputShapes: ({ input }, windows) => [windowedShape(input, windows)],
  compute: ({ floats, shape, output, attributes }) => {
    const [input, result] = [floats("input"), output(0)];
    const grid = windowGrid(shape("input"), attributes);
    const numPixels = attributes.windowHeight * attributes.windowWidth;
    forEachWindow(grid, attributes, (to, image, pixels) => {
      for (let channel = 0; channel < grid.channels; channel++) {
        let sum = 0;
        for (const { from } of pixels) sum += input[image + from + channel] ?? 0;
        result[to + channel] = sum / numPixels;
      }
    });
  },
});

/** The gradient of `averagePool`: every pixel of a window gets its share. */
export const averagePoolGradient: HostKernel<"outputGradient", ImageWindows> = defineKernel({
  name: "AveragePoolGradient",
  inputs: ["outputGradient"],
  outputShapes: (_, { imageShape }) => [imageShape],
  compute: ({ floats, output, attributes }) => {
    const [gradient, result] = [floats("outputGradient"), output(0)];
    const grid = windowGrid(attributes.imageShape, attributes);
    const share = 1 / (attributes.windowHeight * attributes.windowWidth);
    const sums = new Float64Array(result.length);
    forEachWindow(grid, attributes, (to, image, pixels) => {
      for (const { from } of pixels) {
        for (let channel = 0; channel < grid.channels; channel++) {
          const at = image + from + channel;
          sums[at] = (sums[at] ?? 0) + (gradient[to + channel] ?? 0) * share;
        }
      }
    });
    result.set(sums);
  },
});

/**
 * Every window of every image, from the top left to the bottom right.
 * @param use - Given the index of the window's first channel among the pooled values, that of its image among the images,
 *   and the window's pixels that lie on the image.
 */
function forEachWindow(
  { batch, width, channels, imageSize, down, across }: WindowGrid,
  { windowWidth }: Windows,
  use: (to: number, image: number, pixels: readonly Pixel[]) => void,
): void {
  const places = down.flatMap((vertical) =>
    across.map((horizontal) => {
      const pixels: Pixel[] = [];
      for (let y = vertical.first; y < vertical.end; y++) {
        for (let x = horizontal.first; x < horizontal.end; x++) {
          const pixel = (vertical.start + y) * width + horizontal.start + x;
          pixels.push({ from: pixel * channels, offset: y * windowWidth + x });
        }
      }
      return pixels;
    }),
  );
  for (let index = 0, to = 0; index < batch; index++) {
    for (const pixels of places) {
      use(to, index * imageSize, pixels);
      to += channels;
    }
  }
}
