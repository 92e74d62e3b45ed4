/** Sums, rows by their number, and one row of each example's rows, by operations of the library. */
import * as pooling from "../../kernels/pooling.ts";
import * as rows from "../../kernels/rows.ts";
import { axisSize } from "../../tensor.ts";
import { compose, type ComposedKernel } from "../composition.ts";
import { columnSum } from "./layers.ts";

const fastGather = compose(rows.gatherRows, ({ work, id }) => {
  const { backend } = work;
  return [work.run("GatherV2", [id("table"), id("ids"), backend.constants.integer(0)])];
});

const fastSegmentSum = compose(rows.segmentSum, ({ work, id, attributes: { numEntries } }) => {
  const { backend } = work;
  const inputs = [id("rows"), id("ids"), backend.constants.integer(numEntries)];
  return [work.run("UnsortedSegmentSum", inputs)];
});

const fastFirstRows = compose(pooling.firstRows, ({ work, id, shapes, attributes }) => {
  const { backend } = work;
  const [batchSize, width] = [axisSize(shapes[0] ?? [], 0), axisSize(shapes[0] ?? [], 1)];
  const input = work.reshape(id("input"), [batchSize, attributes.sequenceLength * width]);
  const place = [backend.integers([0, 0]), backend.integers([batchSize, width])];
  return [work.run("Slice", [input, ...place])];
});

const fastFirstRowsGradient = compose(
  pooling.firstRowsGradient,
  ({ work, id, shape, shapes, attributes: { sequenceLength } }) => {
    const [batchSize, width] = [
      axisSize(shape("outputGradient"), 0),
      axisSize(shape("outputGradient"), 1),
    ];
    const rest = (sequenceLength - 1) * width;
    const padding = work.values(Int32Array.from([0, 0, 0, rest]), [2, 2]);
    const padded = work.run("Pad", [id("outputGradient"), padding]);
    return [work.reshape(padded, shapes[0] ?? [batchSize * sequenceLength, width])];
  },
);

/** 1/length for each row that counts, and 0 for padding, [batch · sequence]. */
function meanFactors(lengths: Int32Array, sequenceLength: number): Float32Array {
  const factors = new Float32Array(lengths.length * sequenceLength);
  for (const [example, length] of lengths.entries()) {
    const start = example * sequenceLength;
    factors.fill(1 / Math.max(length, 1), start, start + length);
  }
  return factors;
}

const fastMeanRows = compose(
  pooling.meanRows,
  ({ work, id, integers, shape, shapes, attributes: { sequenceLength } }) => {
    const [batchSize, width] = [axisSize(shapes[0] ?? [], 0), axisSize(shape("input"), 1)];
    const factors = meanFactors(integers("lengths"), sequenceLength);
    const weights = work.values(factors, [batchSize, 1, sequenceLength]);
    const input = work.reshape(id("input"), [batchSize, sequenceLength, width]);
    return [work.reshape(work.multiply(weights, input, { isBatch: true }), [batchSize, width])];
  },
);

const fastMeanRowsGradient = compose(
  pooling.meanRowsGradient,
  ({ work, id, integers, shape, shapes, attributes: { sequenceLength } }) => {
    const [batchSize, width] = [
      axisSize(shape("outputGradient"), 0),
      axisSize(shape("outputGradient"), 1),
    ];
    const factors = meanFactors(integers("lengths"), sequenceLength);
    const weights = work.values(factors, [batchSize, sequenceLength, 1]);
    const gradient = work.reshape(id("outputGradient"), [batchSize, 1, width]);
    return [work.reshape(work.run("Mul", [weights, gradient]), shapes[0] ?? [-1, width])];
  },
);

/** All of them. */
export const rowKernels: readonly ComposedKernel[] = [
  fastGather,
  fastSegmentSum,
  fastFirstRows,
  fastFirstRowsGradient,
  fastMeanRows,
  fastMeanRowsGradient,
  compose(rows.columnSum, ({ work, id }) => [columnSum(work, id("input"))]),
  compose(rows.sumAll, ({ work, id, shape }) => [
    work.sum(
      id("input"),
      shape("input").map((_, axis) => axis),
    ),
  ]),
];
