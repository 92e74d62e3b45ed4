/** The operations on images once more, in plain float64 and written for reading. Values are row-major. */

/** [batch, height, width, channels] */
export type ImageShape = readonly [number, number, number, number];

export interface ReferenceWindows {
  readonly windowHeight: number;
  readonly windowWidth: number;
  readonly stride: number;
  readonly padding: number;
}

type At = (pixel: readonly [example: number, y: number, x: number], channel: number) => number;

/** Values outside of the image are `outside`. */
function imageAt(values: readonly number[], shape: ImageShape, outside: number): At {
  const [, height, width, channels] = shape;
  return ([example, y, x], channel) => {
    if (y < 0 || x < 0 || y >= height || x >= width) return outside;
    return values[((example * height + y) * width + x) * channels + channel] ?? NaN;
  };
}

function windowedShape(shape: ImageShape, windows: ReferenceWindows): ImageShape {
  const [batch, height, width, channels] = shape;
  const { windowHeight, windowWidth, stride, padding } = windows;
  let [rows, columns] = [0, 0];
  while (rows * stride + windowHeight <= height + 2 * padding) rows++;
  while (columns * stride + windowWidth <= width + 2 * padding) columns++;
  return [batch, rows, columns, channels];
}

/** For every window and each of `outputs` channels what `compute` makes of it. */
function overWindows(
  shape: ImageShape,
  windows: ReferenceWindows,
  { outputs, compute }: { outputs: number; compute: (place: Place, output: number) => number },
): number[] {
  const [batch, rows, columns] = windowedShape(shape, windows);
  return Array.from({ length: batch * rows * columns * outputs }, (_, index) => {
    const [output, window] = [index % outputs, Math.floor(index / outputs)];
    const [column, row] = [window % columns, Math.floor(window / columns) % rows];
    const example = Math.floor(window / (rows * columns));
    const top = row * windows.stride - windows.padding;
    const left = column * windows.stride - windows.padding;
    return compute({ example, top, left }, output);
  });
}

interface Place {
  readonly example: number;
  readonly top: number;
  readonly left: number;
}

/** Offsets of a window's pixels. */
function offsets({ windowHeight, windowWidth }: ReferenceWindows): [y: number, x: number][] {
  const all: [number, number][] = [];
  for (let y = 0; y < windowHeight; y++) for (let x = 0; x < windowWidth; x++) all.push([y, x]);
  return all;
}

/** @param weight - [out, in, rows, columns] */
export function convolution(
  image: { readonly values: readonly number[]; readonly shape: ImageShape },
  weight: readonly number[],
  { outputs, bias, ...windows }: ReferenceWindows & { outputs: number; bias?: readonly number[] },
): number[] {
  const at = imageAt(image.values, image.shape, 0);
  const inputs = image.shape[3];
  const { windowHeight, windowWidth } = windows;
  return overWindows(image.shape, windows, {
    outputs,
    compute: ({ example, top, left }, output) => {
      let sum = bias?.[output] ?? 0;
      for (let input = 0; input < inputs; input++) {
        for (const [y, x] of offsets(windows)) {
          const index = ((output * inputs + input) * windowHeight + y) * windowWidth + x;
          sum += at([example, top + y, left + x], input) * (weight[index] ?? NaN);
        }
      }
      return sum;
    },
  });
}

export function pool(
  values: readonly number[],
  shape: ImageShape,
  { kind, ...windows }: ReferenceWindows & { kind: "max" | "average" },
): number[] {
  const at = imageAt(values, shape, kind === "max" ? -Infinity : 0);
  return overWindows(shape, windows, {
    outputs: shape[3],
    compute: ({ example, top, left }, channel) => {
      const window = offsets(windows).map(([y, x]) => at([example, top + y, left + x], channel));
      if (kind === "max") return Math.max(...window);
      return window.reduce((sum, value) => sum + value, 0) / window.length;
    },
  });
}

/** Mean, biased and unbiased variance of each channel, which is the last axis. */
export function channelStatistics(
  values: readonly number[],
  channels: number,
): { mean: number; biased: number; unbiased: number }[] {
  return Array.from({ length: channels }, (_, channel) => {
    const own = values.filter((_value, index) => index % channels === channel);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, biased: squares / own.length, unbiased: squares / (own.length - 1) };
  });
}

export interface Normalisation {
  readonly gain: readonly number[];
  readonly bias: readonly number[];
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly epsilon: number;
}

export function normalised(values: readonly number[], by: Normalisation): number[] {
  return values.map((value, index) => {
    const channel = index % by.gain.length;
    const of = (list: readonly number[]): number => list[channel] ?? NaN;
    return (
      ((value - of(by.mean)) / Math.sqrt(of(by.variance) + by.epsilon)) * of(by.gain) + of(by.bias)
    );
  });
}
