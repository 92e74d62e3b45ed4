/** Kernels over the rows of matrices: normalisation, sums, tables, the loss. */
import { crossEntropy } from "../../kernels/cross-entropy.ts";
import { layerNormBackward, layerNormForward } from "../../kernels/layer-norm.ts";
import * as rows from "../../kernels/rows.ts";
import { axisSize, sizeOf } from "../../tensor.ts";
import {
  accelerate,
  elementsAPiece,
  numPieces,
  rowsAPiece,
  type FastKernel,
} from "../fast-kernel.ts";

/** Columns of a piece that reads a matrix from top to bottom: a cache line. */
const columnsAPiece = 16;

const fastLayerNorm = accelerate(layerNormForward, (call) => {
  const [count, width] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const each = rowsAPiece(width);
  const inputs = [call.address("input"), call.address("gain"), call.address("bias")];
  const integers = [count, width, each, ...inputs, call.output(0), call.output(1), call.output(2)];
  call.run("layerNorm", numPieces(count, each), {
    integers,
    doubles: [call.attributes.epsilon],
  });
});

const fastLayerNormGradient = accelerate(layerNormBackward, (call) => {
  const [count, width] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const each = rowsAPiece(width);
  const [input, gradient] = [call.address("input"), call.address("outputGradient")];
  const [mean, scale] = [call.address("mean"), call.address("scale")];
  const ofInput = [input, call.address("gain"), mean, scale, gradient, call.output(0)];
  call.run("layerNormGradient", numPieces(count, each), [count, width, each, ...ofInput]);
  const ofColumns = [input, mean, scale, gradient, call.output(1), call.output(2)];
  const integers = [count, width, columnsAPiece, ...ofColumns];
  call.run("layerNormColumns", numPieces(width, columnsAPiece), integers);
});

const fastColumnSum = accelerate(rows.columnSum, (call) => {
  const [count, columns] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const integers = [count, columns, columnsAPiece, call.address("input"), call.output(0)];
  call.run("columnSum", numPieces(columns, columnsAPiece), integers);
});

const fastGatherRows = accelerate(rows.gatherRows, (call) => {
  const [count, width] = [axisSize(call.shape("ids"), 0), axisSize(call.shape("table"), 1)];
  const each = rowsAPiece(width);
  const addresses = [call.address("table"), call.address("ids"), call.output(0)];
  call.run("gatherRows", numPieces(count, each), [count, width, each, ...addresses]);
});

const fastSegmentSum = accelerate(rows.segmentSum, (call) => {
  const [count, width] = [axisSize(call.shape("rows"), 0), axisSize(call.shape("rows"), 1)];
  const { numEntries } = call.attributes;
  const [ids, bytes] = [call.address("ids"), 4];
  call.withScratch((numEntries + count) * bytes, (ends) => {
    const list = ends + numEntries * bytes;
    call.run("sortIds", 1, [numEntries, count, ids, ends, list]);
    // Whole entries, unless there are too few for all threads.
    const each = Math.max(1, Math.ceil(numEntries / (call.numThreads * 4)));
    const columns = each > 1 ? columnsAPiece * numPieces(width, columnsAPiece) : columnsAPiece;
    const integers = [numEntries, width, each, columns, call.address("rows"), call.output(0)];
    const pieces = numPieces(numEntries, each) * numPieces(width, columns);
    call.run("segmentSum", pieces, [...integers, ends, list]);
  });
});

const fastSumAll = accelerate(rows.sumAll, (call) => {
  const size = sizeOf(call.shape("input"));
  const pieces = numPieces(size, elementsAPiece);
  call.withScratch(Math.max(8, pieces * 8), (sums) => {
    call.run("partialSums", pieces, [size, elementsAPiece, call.address("input"), sums, 0]);
    call.run("sumInOrder", 1, { integers: [pieces, sums, call.output(0), 0], doubles: [1] });
  });
});

const fastCrossEntropy = accelerate(crossEntropy, (call) => {
  const [count, classes] = [axisSize(call.shape("logits"), 0), axisSize(call.shape("logits"), 1)];
  const { labelSmoothing, divisor } = call.attributes;
  const each = rowsAPiece(classes);
  call.withScratch(Math.max(8, count * 8), (losses) => {
    const addresses = [call.address("logits"), call.address("labels"), call.output(1), losses];
    const integers = [count, classes, each, ...addresses];
    call.run("crossEntropy", numPieces(count, each), {
      integers,
      doubles: [labelSmoothing, divisor],
    });
    call.run("sumInOrder", 1, {
      integers: [count, losses, call.output(0), 0],
      doubles: [1 / divisor],
    });
  });
});

/** All fast kernels of this file. */
export const fastRows: readonly FastKernel[] = [
  fastLayerNorm,
  fastLayerNormGradient,
  fastColumnSum,
  fastGatherRows,
  fastSegmentSum,
  fastSumAll,
  fastCrossEntropy,
];
