/** Images that are resized, by mixing neighbours. */
import * as tf from "@tensorflow/tfjs-core";
import { element, nd } from "../reference-tensorflow.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

/** Where a resized line reads: two places, and the share of the second. */
function between(
  at: number,
  { from, to, align, half }: Resizing,
): readonly [number, number, number] {
  const scale = align && to > 1 ? (from - 1) / (to - 1) : from / to;
  const place = half ? (at + 0.5) * scale - 0.5 : at * scale;
  const low = Math.max(0, Math.floor(place));
  return [low, Math.min(from - 1, Math.ceil(place)), place - low];
}

interface Resizing {
  readonly from: number;
  readonly to: number;
  readonly align: boolean;
  readonly half: boolean;
}

/** Larger and smaller, by each way of counting pixels. */
export const resizingCases: readonly TensorFlowCase[] = [
  { align: false, half: false },
  { align: true, half: false },
  { align: false, half: true },
].flatMap(({ align, half }) =>
  [[5, 7] as const, [2, 2] as const].map(([height, width]): TensorFlowCase => ({
    title: `resizeBilinear to ${height} × ${width}, ${align ? "corners aligned" : half ? "half pixels" : "plain"}`,
    shapes: [[2, 3, 4, 2]],
    operation: (inputs) =>
      tf.image.resizeBilinear(pick(inputs, 0) as tf.Tensor4D, [height, width], align, half),
    reference: (inputs) =>
      nd([2, height, width, 2], ([n = 0, y = 0, x = 0, c = 0]) => {
        const [top, bottom, down] = between(y, { from: 3, to: height, align, half });
        const [left, right, across] = between(x, { from: 4, to: width, align, half });
        const at = (row: number, column: number): number =>
          element(pick(inputs, 0), [n, row, column, c]);
        const upper = at(top, left) + (at(top, right) - at(top, left)) * across;
        const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * across;
        return upper + (lower - upper) * down;
      }),
  })),
);
