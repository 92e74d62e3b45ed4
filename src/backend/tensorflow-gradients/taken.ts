/**
 * Gradients of kernels each of whose results is one element of the input, or 0. Run once more on the elements' numbers, such
 * a kernel tells where each result came from; there its gradient is added.
 */
import * as tf from "@tensorflow/tfjs-core";
import { segmentSum } from "../kernels/rows.ts";
import { axisSize, type Tensor } from "../tensor.ts";
import { unsupported } from "./errors.ts";
import { gradientOf, run, type BackwardCall, type KernelGradient } from "./gradient.ts";

/** Whole numbers up to this one are float32 numbers. */
const mostNumbers = 2 ** 24;

/** @param inputs - By the names of the kernel: what elements are taken from, then what else it is given. */
function takenFrom(kernelName: string, inputs: readonly string[]): KernelGradient {
  return gradientOf(kernelName, inputs, (call) => {
    const given = inputs.map((name, index) => [name, call.input(index)] as const);
    const others = given
      .slice(1)
      .map(([name, { shape }]) => [name, () => tf.zeros(shape)] as const);
    return {
      ...Object.fromEntries(others),
      [inputs[0] ?? ""]: () => gradientByNumbers(kernelName, Object.fromEntries(given), call),
    };
  });
}

/**
 * The gradient of the first input, computed by running the kernel on the numbers of its elements.
 * @param inputs - All of the kernel's inputs by name, in the order in which `call` keeps them.
 * @throws {ExpError} `training` where float32 cannot count the elements.
 */
export function gradientByNumbers(
  kernelName: string,
  inputs: Readonly<Record<string, Tensor>>,
  { dy, input, attributes }: BackwardCall,
): Tensor {
  const x = input(0);
  if (x.size === 0 || dy.size === 0) return tf.zeros(x.shape);
  if (x.size >= mostNumbers) {
    throw unsupported(kernelName, `${mostNumbers} elements or more`, "Split the tensor");
  }
  // From 1 on: 0 is what was put there.
  const numbers = tf.reshape(tf.range(1, x.size + 1, 1, "float32"), x.shape);
  const [name = ""] = Object.keys(inputs);
  const from = run(kernelName, { ...inputs, [name]: numbers }, attributes);
  const table = addedUp(dy, tf.cast(from, "int32"), x.size + 1);
  return tf.reshape(tf.slice(table, [1, 0], [x.size, 1]), x.shape);
}

/** The sum of the values with each number, [numEntries, 1]. */
function addedUp(values: Tensor, ids: Tensor, numEntries: number): Tensor {
  const rows = tf.reshape(values, [values.size, 1]);
  return segmentSum.one({ rows, ids: tf.reshape(ids, [ids.size]) }, { numEntries });
}

const topK: KernelGradient = {
  kernelName: "TopK",
  inputsToSave: ["x"],
  outputsToSave: [false, true],
  gradFunc: (dy, [x = tf.zeros([]), indices = x]) => ({
    x: () => {
      const [ofValues] = [dy].flat() as readonly (Tensor | undefined)[]; // none where only indices are used
      if (ofValues === undefined || ofValues.size === 0) return tf.zeros(x.shape);
      const length = axisSize(x.shape, -1);
      const starts = tf.range(0, x.size, length, "int32");
      const places = tf.add(
        tf.reshape(indices, [starts.size, -1]),
        tf.reshape(starts, [starts.size, 1]),
      );
      return tf.reshape(addedUp(ofValues, places, x.size), x.shape);
    },
  }),
};

const scattered: readonly KernelGradient[] = [
  gradientOf("ScatterNd", ["indices"], ({ dy, input }) => ({
    indices: () => tf.zeros(input(0).shape),
    updates: () => tf.gatherND(dy, input(0)),
  })),
  gradientOf("SparseToDense", ["sparseIndices", "sparseValues"], ({ dy, input }) => {
    const [indices, values] = [input(0), input(1)];
    const places = indices.rank < 2 ? tf.reshape(indices, [indices.size, 1]) : indices;
    const ofValues = (): Tensor => tf.gatherND(dy, places);
    return {
      sparseIndices: () => tf.zeros(indices.shape),
      sparseValues: () => (values.rank === 0 ? tf.sum(ofValues()) : ofValues()), // one for all places
      defaultValue: () => tf.sub(tf.sum(dy), tf.sum(ofValues())),
    };
  }),
  gradientOf("TensorScatterUpdate", ["indices", "updates"], ({ dy, input }) => {
    const [indices, updates] = [input(0), input(1)];
    return {
      tensor: () => tf.tensorScatterUpdate(dy, indices, tf.zerosLike(updates)),
      indices: () => tf.zeros(indices.shape),
      updates: () => tf.gatherND(dy, indices),
    };
  }),
  gradientOf("UnsortedSegmentSum", ["segmentIds"], ({ dy, input }) => ({
    x: () => {
      const ids = input(0); // rows with a negative one are in no sum
      const rows = tf.gather(dy, tf.cast(tf.maximum(ids, tf.zerosLike(ids)), "int32"));
      const isSummed = tf.cast(tf.greaterEqual(ids, 0), "float32");
      return tf.mul(rows, tf.reshape(isSummed, [ids.size, ...rows.shape.slice(1).map(() => 1)]));
    },
    segmentIds: () => tf.zeros(input(0).shape),
  })),
];

/** All of this file. */
export const takenGradients: readonly KernelGradient[] = [
  takenFrom("BatchToSpaceND", ["x"]),
  takenFrom("DepthToSpace", ["x"]),
  takenFrom("Diag", ["x"]),
  takenFrom("FlipLeftRight", ["image"]),
  takenFrom("GatherNd", ["params", "indices"]),
  takenFrom("MirrorPad", ["x"]),
  takenFrom("ResizeNearestNeighbor", ["images"]),
  takenFrom("SpaceToBatchND", ["x"]),
  takenFrom("StridedSlice", ["x"]),
  topK,
  ...scattered,
];
