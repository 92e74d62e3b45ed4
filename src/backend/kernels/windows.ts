/** Where the windows of a convolution or a pooling lie over images [batch, height, width, channels]. */
import { InternalError } from "../../core/errors.ts";
import { axisSize, type Shape } from "../tensor.ts";

/** Size, step and border of windows, the same for every image. All are whole numbers. */
export interface Windows {
  /** Rows of a window, at least 1. */
  readonly windowHeight: number;
  /** Columns of a window, at least 1. */
  readonly windowWidth: number;
  /** Pixels from one window to the next, on both axes, at least 1. */
  readonly stride: number;
  /** Pixels around the image that lie under windows and are not of the image, at least 0. */
  readonly padding: number;
}

/** A window along one axis; its pixels `first` to below `end` lie on the image, which may be none. */
export interface Span {
  /** Pixel of the image under the window's first pixel; below 0 in the padding. */
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

/** The sizes of images, and the windows over them. */
export interface WindowGrid {
  readonly batch: number;
  readonly width: number;
  readonly channels: number;
  /** Values of one image. */
  readonly imageSize: number;
  /** The windows from top to bottom. */
  readonly down: readonly Span[];
  /** The windows from left to right. */
  readonly across: readonly Span[];
}

/** @param shape - [batch, height, width, channels] */
export function windowGrid(shape: Shape, windows: Windows): WindowGrid {
  const [height, width, channels] = [axisSize(shape, 1), axisSize(shape, 2), axisSize(shape, 3)];
  const { windowHeight, windowWidth } = windows;
  return {
    batch: axisSize(shape, 0),
    width,
    channels,
    imageSize: height * width * channels,
    down: spans(height, windowHeight, windows),
    across: spans(width, windowWidth, windows),
  };
}

/** The number of windows along an axis: ⌊(size + 2·padding − window)/stride⌋ + 1. */
export function countWindows(
  size: number,
  window: number,
  { stride, padding }: Pick<Windows, "stride" | "padding">,
): number {
  return Math.floor((size + 2 * padding - window) / stride) + 1;
}

function spans(size: number, window: number, windows: Windows): readonly Span[] {
  const { stride, padding } = windows;
  return Array.from({ length: countWindows(size, window, windows) }, (_, index) => {
    const start = index * stride - padding;
    return { start, first: Math.max(0, -start), end: Math.min(window, size - start) };
  });
}

/** Sizes of images or of weights: of each of four axes. */
export type FourSizes = readonly [number, number, number, number];

/**
 * The sizes of a shape of four axes.
 * @throws {InternalError} for another number of axes.
 */
export function fourSizes(shape: Shape): FourSizes {
  if (shape.length !== 4) throw new InternalError(`shape [${shape.join(", ")}] has not four axes`);
  return [axisSize(shape, 0), axisSize(shape, 1), axisSize(shape, 2), axisSize(shape, 3)];
}

/**
 * [batch, rows of windows, columns of windows, channels] over images [batch, height, width, channels].
 * @throws {InternalError} where no window fits, or the shape has not four axes.
 */
export function windowedShape(shape: Shape, windows: Windows): FourSizes {
  const [batch, height, width, channels] = fourSizes(shape);
  const rows = countWindows(height, windows.windowHeight, windows);
  const columns = countWindows(width, windows.windowWidth, windows);
  if (rows >= 1 && columns >= 1) return [batch, rows, columns, channels];
  throw new InternalError(
    `a window of ${windows.windowHeight} × ${windows.windowWidth} does not fit into an image of ` +
      `${height} × ${width} with ${windows.padding} around it`,
  );
}
