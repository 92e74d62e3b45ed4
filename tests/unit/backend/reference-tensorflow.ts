/** Tensors of any rank in plain float64, for the operations of `tf.*` that users' own models call. */

/** Row-major values with their shape. */
export interface Nd {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** A tensor whose element at each place is computed from its coordinates. */
export function nd(shape: readonly number[], at: (place: readonly number[]) => number): Nd {
  const values = Array.from({ length: sizeOfShape(shape) }, (_, index) =>
    at(placeOf(index, shape)),
  );
  return { shape, values };
}

function placeOf(index: number, shape: readonly number[]): readonly number[] {
  const place: number[] = [];
  let rest = index;
  for (const length of shape.toReversed()) {
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place;
}

/** The element at a place of a tensor that it may be broadcast to: axes are matched from the last one. */
export function element({ shape, values }: Nd, place: readonly number[]): number {
  const skipped = place.length - shape.length;
  const index = shape.reduce(
    (sum, length, axis) => sum * length + (length === 1 ? 0 : (place[skipped + axis] ?? NaN)),
    0,
  );
  return values[index] ?? NaN;
}

/** The shape to which two are broadcast. */
function broadcast(left: readonly number[], right: readonly number[]): readonly number[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [a = 1, b = 1] = [left[axis - rank + left.length], right[axis - rank + right.length]];
    return a === 1 ? b : a;
  });
}

export function binary(left: Nd, right: Nd, compute: (a: number, b: number) => number): Nd {
  return nd(broadcast(left.shape, right.shape), (place) =>
    compute(element(left, place), element(right, place)),
  );
}

export function unary({ shape, values }: Nd, compute: (value: number) => number): Nd {
  return { shape, values: values.map(compute) };
}

/** Folds the values along some axes, which go. */
export function reduced(
  input: Nd,
  axes: readonly number[],
  fold: (values: readonly number[]) => number,
): Nd {
  const kept = input.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const shape = kept.map((axis) => input.shape[axis] ?? NaN);
  const inner = axes.map((axis) => input.shape[axis] ?? NaN);
  return nd(shape, (place) => {
    const along = nd(inner, (offset) => {
      const whole = input.shape.map((_, axis) => {
        const at = axes.indexOf(axis);
        return (at >= 0 ? offset[at] : place[kept.indexOf(axis)]) ?? NaN;
      });
      return element(input, whole);
    });
    return fold(along.values);
  });
}

export function transposedTo(input: Nd, axes: readonly number[]): Nd {
  const shape = axes.map((axis) => input.shape[axis] ?? NaN);
  return nd(shape, (place) =>
    element(
      input,
      input.shape.map((_, axis) => place[axes.indexOf(axis)] ?? NaN),
    ),
  );
}

/** Softmax over the last axis. */
export function softmaxLast(input: Nd): Nd {
  const last = input.shape.length - 1;
  const sums = reduced(unary(input, Math.exp), [last], (values) =>
    values.reduce((a, b) => a + b, 0),
  );
  return nd(
    input.shape,
    (place) => Math.exp(element(input, place)) / element(sums, place.slice(0, -1)),
  );
}

/** [batch, height, width, in] with a kernel [height, width, in, out], no padding, stride 1. */
export function convolved(input: Nd, kernel: Nd): Nd {
  const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
  const [kernelHeight = 0, kernelWidth = 0, , out = 0] = kernel.shape;
  const shape = [batch, height - kernelHeight + 1, width - kernelWidth + 1, out];
  return nd(shape, ([n = 0, y = 0, x = 0, o = 0]) => {
    const products = nd([kernelHeight, kernelWidth, channels], ([dy = 0, dx = 0, c = 0]) => {
      return element(input, [n, y + dy, x + dx, c]) * element(kernel, [dy, dx, c, o]);
    });
    return products.values.reduce((a, b) => a + b, 0);
  });
}

/** The slope of `compute` along each element of `inputs[index]`, by central differences. */
export function slopes(
  inputs: readonly Nd[],
  index: number,
  compute: (inputs: readonly Nd[]) => number,
): number[] {
  const step = 1e-5;
  const moved = (element: number, by: number): number => {
    const change = ({ shape, values }: Nd): Nd => ({
      shape,
      values: values.map((value, at) => (at === element ? value + by : value)),
    });
    return compute(inputs.map((input, position) => (position === index ? change(input) : input)));
  };
  return (inputs[index]?.values ?? []).map(
    (_, element) => (moved(element, step) - moved(element, -step)) / (2 * step),
  );
}

/** With the last two axes exchanged. */
export function swappedLast(input: Nd): Nd {
  const axes = input.shape.map((_, axis) => axis);
  return transposedTo(input, [...axes.slice(0, -2), ...axes.slice(-2).toReversed()]);
}

/** The products of matrices whose batches are broadcast. */
export function product(left: Nd, right: Nd): Nd {
  const batch = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const inner = left.shape.at(-1) ?? 0;
  const shape = [...batch, left.shape.at(-2) ?? 0, right.shape.at(-1) ?? 0];
  return nd(shape, (place) => {
    const [row = 0, column = 0] = place.slice(-2);
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      const own = place.slice(0, -2);
      sum += element(left, [...own, row, k]) * element(right, [...own, k, column]);
    }
    return sum;
  });
}

/** One element under a window, which is at (y, x) in the window. */
export interface Windowed {
  readonly value: number;
  readonly y: number;
  readonly x: number;
  readonly channel: number;
}

/** Folds what lies under each window of a square; what lies outside of the image is not there. */
export function windowed(
  input: Nd,
  by: {
    readonly size: number;
    readonly stride: number;
    readonly pad: "same" | "valid" | number;
    readonly outputs: number;
  },
  fold: (under: readonly Windowed[], output: number) => number,
): Nd {
  const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
  const { size, stride, pad, outputs } = by;
  const [rows, top] = windowsOf(height, size, { stride, pad });
  const [columns, left] = windowsOf(width, size, { stride, pad });
  return nd([batch, rows, columns, outputs], ([n = 0, row = 0, column = 0, output = 0]) => {
    const under: Windowed[] = [];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const [atY, atX] = [row * stride + y - top, column * stride + x - left];
        if (atY < 0 || atX < 0 || atY >= height || atX >= width) continue;
        for (let channel = 0; channel < channels; channel++) {
          under.push({ value: element(input, [n, atY, atX, channel]), y, x, channel });
        }
      }
    }
    return fold(under, output);
  });
}

/** How many windows there are, and how much is added before the first, as TensorFlow counts; with a number, it rounds up. */
function windowsOf(
  length: number,
  size: number,
  { stride, pad }: { readonly stride: number; readonly pad: "same" | "valid" | number },
): readonly [count: number, before: number] {
  if (typeof pad === "number") return [Math.ceil((length + 2 * pad - size) / stride) + 1, pad];
  if (pad === "valid") return [Math.floor((length - size) / stride) + 1, 0];
  const count = Math.ceil(length / stride);
  return [count, Math.floor(Math.max(0, (count - 1) * stride + size - length) / 2)];
}
