/** What takes elements from elsewhere, and puts them there. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import { element, nd } from "../reference-tensorflow.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

/** Where each element of the result comes from; undefined for a 0. */
type Origin = (place: readonly number[]) => readonly number[] | undefined;

interface Taking {
  readonly title: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly operation: (input: Tensor) => Tensor;
  readonly origin: Origin;
}

function taking({ title, from, to, operation, origin }: Taking): TensorFlowCase {
  return {
    title,
    shapes: [from],
    operation: (inputs) => operation(pick(inputs, 0)),
    reference: (inputs) =>
      nd(to, (place) => {
        const own = origin(place);
        return own === undefined ? 0 : element(pick(inputs, 0), own);
      }),
  };
}

/** The place at which a mirrored axis is read. */
function mirrored(at: number, length: number, isSymmetric: boolean): number {
  const edge = isSymmetric ? 1 : 0;
  if (at < 0) return -at - edge;
  return at < length ? at : 2 * length - 2 - at + edge;
}

const mirrorCases = (["reflect", "symmetric"] as const).map((mode) =>
  taking({
    title: `mirrorPad, ${mode}`,
    from: [4, 3],
    to: [7, 5],
    operation: (x) => tf.mirrorPad(x, [[2, 1], [0, 2]], mode), // prettier-ignore
    origin: ([row = 0, column = 0]) => [
      mirrored(row - 2, 4, mode === "symmetric"),
      mirrored(column, 3, mode === "symmetric"),
    ],
  }),
);

const nearestCases = [
  { align: false, half: false, origin: (at: number) => Math.floor((at * 3) / 5) },
  { align: false, half: true, origin: (at: number) => Math.floor(((at + 0.5) * 3) / 5) },
  { align: true, half: false, origin: (at: number) => Math.round((at * 2) / 4) },
].map(({ align, half, origin }) =>
  taking({
    title: `resizeNearestNeighbor, ${align ? "corners aligned" : half ? "half pixels" : "plain"}`,
    from: [2, 3, 3, 2],
    to: [2, 5, 5, 2],
    operation: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [5, 5], align, half),
    origin: ([n = 0, y = 0, x = 0, c = 0]) => [n, origin(y), origin(x), c],
  }),
);

const chosen = [[2, 0, 2], [1, 1, 3]] as const; // prettier-ignore
const places = [[1, 2], [0, 0], [1, 2]] as const; // prettier-ignore

const takingCases = [
  taking({
    title: "stridedSlice, backwards, of every second, with an axis gone",
    from: [5, 4, 7],
    to: [5, 2],
    operation: (x) => tf.stridedSlice(x, [4, 1, 6], [-6, 2, 1], [-1, 1, -3], 0, 0, 0, 0, 2),
    origin: ([row = 0, column = 0]) => [4 - row, 1, 6 - 3 * column],
  }),
  taking({
    title: "spaceToBatchND with padding",
    from: [2, 3, 4, 2],
    to: [8, 2, 2, 2],
    operation: (x) => tf.spaceToBatchND(x, [2, 2], [[1, 0], [0, 0]]), // prettier-ignore
    origin: ([n = 0, y = 0, x = 0, c = 0]) => {
      const [block, own] = [Math.floor(n / 2), n % 2];
      const row = 2 * y + Math.floor(block / 2) - 1;
      return row < 0 ? undefined : [own, row, 2 * x + (block % 2), c];
    },
  }),
  taking({
    title: "batchToSpaceND with crops",
    from: [4, 2, 3, 1],
    to: [1, 3, 4, 1],
    operation: (x) => tf.batchToSpaceND(x, [2, 2], [[0, 1], [1, 1]]), // prettier-ignore
    origin: ([, y = 0, x = 0]) => {
      const column = x + 1;
      return [(y % 2) * 2 + (column % 2), Math.floor(y / 2), Math.floor(column / 2), 0];
    },
  }),
  taking({
    title: "depthToSpace",
    from: [1, 2, 3, 8],
    to: [1, 4, 6, 2],
    operation: (x) => tf.depthToSpace(x as tf.Tensor4D, 2, "NHWC"),
    origin: ([, y = 0, x = 0, c = 0]) => {
      const [row, column] = [Math.floor(y / 2), Math.floor(x / 2)];
      return [0, row, column, ((y % 2) * 2 + (x % 2)) * 2 + c];
    },
  }),
  taking({
    title: "gather with batchDims",
    from: [2, 4, 3],
    to: [2, 3, 3],
    operation: (x) => tf.gather(x, tf.tensor2d(chosen.map((row) => [...row]), [2, 3], "int32"), 1, 1), // prettier-ignore
    origin: ([n = 0, row = 0, column = 0]) => [n, chosen[n]?.[row] ?? NaN, column],
  }),
  taking({
    title: "gatherND, one row twice",
    from: [2, 3, 4],
    to: [3, 4],
    operation: (x) => tf.gatherND(x, tf.tensor2d(places.map((row) => [...row]), [3, 2], "int32")), // prettier-ignore
    origin: ([row = 0, column = 0]) => [...(places[row] ?? []), column],
  }),
  taking({
    title: "image.flipLeftRight",
    from: [1, 2, 3, 2],
    to: [1, 2, 3, 2],
    operation: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
    origin: ([n = 0, y = 0, x = 0, c = 0]) => [n, y, 2 - x, c],
  }),
  taking({
    title: "diag",
    from: [3],
    to: [3, 3],
    operation: (x) => tf.diag(x),
    origin: ([row = 0, column = 0]) => (row === column ? [row] : undefined),
  }),
];

const ids = [2, 0, -1, 2];

const others: readonly TensorFlowCase[] = [
  {
    title: "topk",
    shapes: [[3, 5]],
    operation: (inputs) => tf.topk(pick(inputs, 0), 2).values,
    reference: (inputs) =>
      nd([3, 2], ([row = 0, place = 0]) => {
        const own = Array.from({ length: 5 }, (_, at) => element(pick(inputs, 0), [row, at]));
        return own.toSorted((a, b) => b - a)[place] ?? NaN;
      }),
  },
  {
    title: "scatterND, two to one place",
    shapes: [[3, 4]],
    operation: (inputs) =>
      tf.scatterND(tf.tensor2d([1, 4, 1], [3, 1], "int32"), pick(inputs, 0), [5, 4]),
    reference: (inputs) =>
      nd([5, 4], ([row = 0, column = 0]) => {
        const at = (own: number): number => element(pick(inputs, 0), [own, column]);
        return row === 1 ? at(0) + at(2) : row === 4 ? at(1) : 0;
      }),
  },
  {
    title: "tensorScatterUpdate",
    shapes: [
      [4, 2],
      [2, 2],
    ],
    operation: (inputs) => {
      const indices = tf.tensor2d([3, 0], [2, 1], "int32");
      return tf.tensorScatterUpdate(pick(inputs, 0), indices, pick(inputs, 1));
    },
    reference: (inputs) =>
      nd([4, 2], ([row = 0, column = 0]) => {
        if (row === 3) return element(pick(inputs, 1), [0, column]);
        return row === 0
          ? element(pick(inputs, 1), [1, column])
          : element(pick(inputs, 0), [row, column]);
      }),
  },
  {
    title: "sparseToDense",
    shapes: [[2], []],
    operation: (inputs) =>
      tf.sparseToDense(
        tf.tensor1d([3, 1], "int32"),
        pick(inputs, 0),
        [5],
        tf.reshape<tf.Rank.R0>(pick(inputs, 1), []),
      ),
    reference: (inputs) =>
      nd([5], ([at = 0]) => {
        if (at === 3) return element(pick(inputs, 0), [0]);
        return at === 1 ? element(pick(inputs, 0), [1]) : element(pick(inputs, 1), []);
      }),
  },
  {
    title: "unsortedSegmentSum, one row in none",
    shapes: [[4, 3]],
    operation: (inputs) => tf.unsortedSegmentSum(pick(inputs, 0), tf.tensor1d(ids, "int32"), 3),
    reference: (inputs) =>
      nd([3, 3], ([segment = 0, column = 0]) =>
        ids.reduce(
          (sum, id, row) => sum + (id === segment ? element(pick(inputs, 0), [row, column]) : 0),
          0,
        ),
      ),
  },
];

/** Elements that stay as they are. */
export const takenCases: readonly TensorFlowCase[] = [
  ...mirrorCases,
  ...nearestCases,
  ...takingCases,
  ...others,
];
