/** Convolution, and pooling over windows. */
import * as convolution from "../../kernels/convolution.ts";
import * as pooling from "../../kernels/image-pooling.ts";
import { fourSizes, windowedShape, type Windows } from "../../kernels/windows.ts";
import { axisSize, type Shape } from "../../tensor.ts";
import {
  accelerate,
  numPieces,
  rowsAPiece,
  type FastKernel,
  type Workshop,
} from "../fast-kernel.ts";

interface WindowCall {
  readonly kernel: string;
  /** Of the images. */
  readonly shape: Shape;
  readonly windows: Windows;
  /** What a piece does lines of: windows, or the images' pixels. */
  readonly linesOf: "windows" | "pixels";
  /** Numbers that a line costs to compute, about. */
  readonly lineSize: number;
  /** Of a piece; without it 1. */
  readonly leastLines?: number;
  readonly addresses: readonly number[];
}

/** Runs a kernel of `assembly/windows.ts` or `assembly/image-pooling.ts`. */
function runWindows(workshop: Workshop, call: WindowCall): void {
  const { windows, linesOf } = call;
  const sizes = fourSizes(call.shape);
  const [batch, height] = sizes;
  const [, rows, columns] = windowedShape(call.shape, windows);
  const numLines = batch * (linesOf === "windows" ? rows : height);
  const each = Math.max(call.leastLines ?? 1, rowsAPiece(call.lineSize));
  const { windowHeight, windowWidth, stride, padding } = windows;
  const ofWindows = [windowHeight, windowWidth, stride, padding, rows, columns];
  const integers = [...sizes, ...ofWindows, each, ...call.addresses];
  workshop.run(call.kernel, numPieces(numLines, each), integers);
}

/** Numbers in the windows of a line of them. */
function sizeOfWindows(shape: Shape, windows: Windows): number {
  const [, , columns, channels] = windowedShape(shape, windows);
  return columns * channels * windows.windowHeight * windows.windowWidth;
}

/** Numbers that the pixels of a line get from windows. */
function sizeOfShares(shape: Shape, windows: Windows): number {
  return Math.ceil(sizeOfWindows(shape, windows) / windows.stride + axisSize(shape, 2));
}

const fastImageToColumns = accelerate(convolution.imageToColumns, (call) => {
  const { attributes: windows } = call;
  const shape = call.shape("input");
  runWindows(call, {
    kernel: "imageToColumns",
    shape,
    windows,
    linesOf: "windows",
    lineSize: sizeOfWindows(shape, windows),
    addresses: [call.address("input"), call.output(0)],
  });
});

/** Lines of pixels that take rows of windows together, so that most of these are read in one go. */
const linesTogether = 8;

const fastColumnsToImage = accelerate(convolution.columnsToImage, (call) => {
  const { imageShape: shape, ...windows } = call.attributes;
  runWindows(call, {
    kernel: "columnsToImage",
    shape,
    windows,
    linesOf: "pixels",
    lineSize: sizeOfShares(shape, windows),
    leastLines: linesTogether,
    addresses: [call.address("columns"), call.output(0)],
  });
});

function poolForward(isMean: boolean): FastKernel {
  return accelerate(isMean ? pooling.averagePool : pooling.maxPool, (call) => {
    const { attributes: windows } = call;
    const shape = call.shape("input");
    runWindows(call, {
      kernel: "poolWindows",
      shape,
      windows,
      linesOf: "windows",
      lineSize: sizeOfWindows(shape, windows),
      addresses: [call.address("input"), call.output(0), isMean ? 0 : call.output(1)],
    });
  });
}

const fastMaxPoolGradient = accelerate(pooling.maxPoolGradient, (call) => {
  const addresses = [call.address("outputGradient"), call.output(0), call.address("winners")];
  poolBackward(call, call.attributes, addresses);
});

const fastAveragePoolGradient = accelerate(pooling.averagePoolGradient, (call) => {
  poolBackward(call, call.attributes, [call.address("outputGradient"), call.output(0), 0]);
});

function poolBackward(
  workshop: Workshop,
  { imageShape: shape, ...windows }: pooling.ImageWindows,
  addresses: readonly number[],
): void {
  const lineSize = sizeOfShares(shape, windows);
  runWindows(workshop, {
    kernel: "poolGradient",
    shape,
    windows,
    linesOf: "pixels",
    lineSize,
    addresses,
  });
}

/** All fast kernels of this file. */
export const fastImages: readonly FastKernel[] = [
  fastImageToColumns,
  fastColumnsToImage,
  poolForward(true),
  poolForward(false),
  fastMaxPoolGradient,
  fastAveragePoolGradient,
];
