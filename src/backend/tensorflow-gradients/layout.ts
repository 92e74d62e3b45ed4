/** Gradients of what moves elements: shapes, parts, repetition, rows of tables. */
import * as tf from "@tensorflow/tfjs-core";
import { segmentSum } from "../kernels/rows.ts";
import { axisSize, sizeOf, type Tensor } from "../tensor.ts";
import { gradientByNumbers } from "./taken.ts";
import { flat, fromInput, gradientOf, one, read, type KernelGradient } from "./gradient.ts";

const shapes: readonly KernelGradient[] = [
  fromInput("Reshape", (dy, x) => tf.reshape(dy, x.shape)),
  gradientOf("ExpandDims", ["input"], ({ dy, input }) => ({
    input: () => tf.reshape(dy, input(0).shape),
  })),
  fromInput("Transpose", (dy, _x, attributes) => {
    const { perm } = read<{ readonly perm: readonly number[] }>(attributes);
    return tf.transpose(dy, tf.backend_util.getUndoAxesPermutation([...perm]));
  }),
  fromInput("Reverse", (dy, _x, attributes) =>
    tf.reverse(dy, read<{ readonly dims?: number | number[] }>(attributes).dims),
  ),
  fromInput("Tile", (dy, x, attributes) => {
    if (dy.size === 0) return tf.zeros(x.shape);
    const { reps } = read<{ readonly reps: readonly number[] }>(attributes);
    const pairs = x.shape.flatMap((length, axis) => [reps[axis] ?? 1, length]);
    const repeats = x.shape.map((_, axis) => 2 * axis);
    return tf.sum(tf.reshape(dy, pairs), repeats);
  }),
];

const parts: readonly KernelGradient[] = [
  fromInput("Slice", (dy, x, attributes) => {
    const { begin, size } = read<Record<"begin" | "size", number[]>>(attributes);
    const [starts = [], sizes = []] = tf.slice_util.parseSliceParams(x, begin, size);
    const around = x.shape.map((length, axis): [number, number] => {
      const start = starts[axis] ?? 0;
      return [start, length - start - (sizes[axis] ?? 0)];
    });
    return tf.pad(dy, around);
  }),
  fromInput("PadV2", (dy, x, attributes) => {
    const { paddings } = read<{ readonly paddings: readonly (readonly [number, number])[] }>(
      attributes,
    );
    const starts = paddings.map(([before]) => before);
    return tf.slice(dy, starts, x.shape);
  }),
  {
    kernelName: "Concat",
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) => {
      const axis = axisOf(attributes, one(saved).rank);
      const sizes = saved.map(({ shape }) => axisSize(shape, axis));
      return listed(tf.split(one(dy), sizes, axis));
    },
  },
  {
    kernelName: "SplitV",
    gradFunc: (dy, _saved, attributes) => ({
      x: () => tf.concat([dy].flat(), read<Record<"axis", number>>(attributes).axis),
    }),
  },
  {
    kernelName: "Pack",
    gradFunc: (dy, _saved, attributes) =>
      listed(tf.unstack(one(dy), read<Record<"axis", number>>(attributes).axis)),
  },
  {
    kernelName: "Unpack",
    gradFunc: (dy, _saved, attributes) => ({
      value: () => tf.stack([dy].flat(), read<Record<"axis", number>>(attributes).axis),
    }),
  },
];

/** By the index of each input, which is how a kernel of a list calls them. */
function listed(gradients: readonly Tensor[]): Record<number, () => Tensor> {
  return Object.fromEntries(gradients.map((gradient, index) => [index, () => gradient.clone()]));
}

/** Counted from the front. */
function axisOf(attributes: Parameters<typeof read>[0], rank: number): number {
  const { axis } = read<{ readonly axis: number }>(attributes);
  return axis < 0 ? axis + rank : axis;
}

const gather = gradientOf("GatherV2", ["x", "indices"], ({ dy, input, attributes }) => {
  const [x, indices] = [input(0), input(1)];
  const { batchDims = 0 } = read<{ readonly batchDims?: number }>(attributes);
  const call = { dy, input, attributes };
  return {
    x: () =>
      batchDims === 0
        ? gatherGradient(dy, { x, indices, axis: axisOf(attributes, x.rank) })
        : gradientByNumbers("GatherV2", { x, indices }, call),
    indices: () => tf.zeros(indices.shape),
  };
});

/** Adds each gathered part to where it was taken from, from the first to the last. */
function gatherGradient(
  dy: Tensor,
  { x, indices, axis }: { readonly x: Tensor; readonly indices: Tensor; readonly axis: number },
): Tensor {
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const [before, width] = [sizeOf(outer), sizeOf(inner)];
  const numEntries = axisSize(x.shape, axis);
  // [outer, taken, inner] with what was taken in front, as the rows of a table.
  const taken = tf.transpose(tf.reshape(dy, [before, indices.size, width]), [1, 0, 2]);
  const rows = tf.reshape(taken, [indices.size, before * width]);
  const ids = tf.reshape(tf.cast(indices, "int32"), [indices.size]);
  const table = segmentSum.one({ rows, ids }, { numEntries });
  return tf.reshape(
    tf.transpose(tf.reshape(table, [numEntries, before, width]), [1, 0, 2]),
    x.shape,
  );
}

/** All of this file. */
export const layoutGradients: readonly KernelGradient[] = [
  ...shapes,
  ...parts,
  gather,
  flat("OneHot", ["indices"]),
];
