/**
 * Loops that turn a convolution into a matrix multiplication: every window of an image becomes a row.
 * Images are [batch, height, width, channels]; a row holds its window's pixels from the top left to the bottom right, the
 * channels of each side by side, and zeros where the window lies in the padding.
 */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize, type Shape } from "../tensor.ts";
import { transposeMatrix } from "./rows.ts";
import { windowedShape, windowGrid, type WindowGrid, type Windows } from "./windows.ts";

/** [batch, height, width, channels] → [batch · windows, windowHeight · windowWidth · channels]. */
export const imageToColumns: HostKernel<"input", Windows> = defineKernel({
  name: "ImageToColumns",
  inputs: ["input"],
  outputShapes: ({ input }, windows) => {
    const [batch, rows, columns, channels] = windowedShape(input, windows);
    return [[batch * rows * columns, windows.windowHeight * windows.windowWidth * channels]];
  },
  compute: ({ floats, shape, output, attributes }) => {
    const [input, result] = [floats("input"), output(0)];
    const grid = windowGrid(shape("input"), attributes);
    if (attributes.padding > 0) result.fill(0);
    forEachRun(grid, attributes, ({ image, column, length }) => {
      for (let i = 0; i < length; i++) result[column + i] = input[image + i] ?? 0;
    });
  },
});

/** Windows, and the shape of the images that they lie over. */
export interface ColumnsToImage extends Windows {
  /** [batch, height, width, channels] */
  readonly imageShape: Shape;
}

/**
 * Adds every row of `imageToColumns` back to the pixels that it came from: its gradient. A pixel's sum runs in double
 * precision over the windows from the top left to the bottom right.
 */
export const columnsToImage: HostKernel<"columns", ColumnsToImage> = defineKernel({
  name: "ColumnsToImage",
  inputs: ["columns"],
  outputShapes: (_, { imageShape }) => [imageShape],
  compute: ({ floats, output, attributes }) => {
    const [columns, result] = [floats("columns"), output(0)];
    const grid = windowGrid(attributes.imageShape, attributes);
    const sums = new Float64Array(result.length);
    forEachRun(grid, attributes, ({ image, column, length }) => {
      for (let i = 0; i < length; i++) {
        sums[image + i] = (sums[image + i] ?? 0) + (columns[column + i] ?? 0);
      }
    });
    result.set(sums);
  },
});

/** Neighbouring values that lie in one order in an image and in a row of a window. */
interface Run {
  /** Index of the first one among the images. */
  readonly image: number;
  /** Index of the first one among the rows. */
  readonly column: number;
  readonly length: number;
}

/** Every row of every window that lies on its image, window after window. */
function forEachRun(
  { batch, width, channels, imageSize, down, across }: WindowGrid,
  { windowHeight, windowWidth }: Windows,
  use: (run: Run) => void,
): void {
  const lineSize = windowWidth * channels;
  let window = 0;
  for (let index = 0; index < batch; index++) {
    for (const vertical of down) {
      for (const horizontal of across) {
        const { first, end } = horizontal;
        const left = horizontal.start + first;
        const length = Math.max(0, end - first) * channels; // 0 for a window of padding alone
        for (let y = vertical.first; y < vertical.end; y++) {
          const line = (vertical.start + y) * width + left;
          const image = index * imageSize + line * channels;
          use({ image, column: window + y * lineSize + first * channels, length });
        }
        window += windowHeight * lineSize;
      }
    }
  }
}

/** [matrices, rows, columns] → [matrices, columns, rows]: its own inverse, with rows and columns exchanged. */
export const swapAxes: HostKernel<"input", object> = defineKernel({
  name: "SwapAxes",
  inputs: ["input"],
  outputShapes: ({ input }) => [[axisSize(input, 0), axisSize(input, 2), axisSize(input, 1)]],
  compute: ({ floats, shape, output }) => {
    const [rows, columns] = [axisSize(shape("input"), 1), axisSize(shape("input"), 2)];
    const [source, target] = [floats("input"), output(0)];
    for (let from = 0; from < source.length; from += rows * columns) {
      transposeMatrix(source, target, { from, to: from, rows, columns });
    }
  },
});
