/** Normalisation of channels: statistics of blocks of rows, joined in order. */
import * as norm from "../../kernels/batch-norm.ts";
import { sizeOf } from "../../tensor.ts";
import {
  accelerate,
  numPieces,
  rowsAPiece,
  type FastKernel,
  type Workshop,
} from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

/** Rows of a block, at least: what is joined stays little beside what is read. */
const leastRows = 256;
/** That one piece joins; see `assembly/batch-norm.ts`. */
const channelsJoined = 16;

/** The first arguments of each kernel, and the numbers of its pieces. */
interface Blocks {
  readonly layout: readonly [rows: number, channels: number, each: number];
  readonly count: number;
  readonly joins: number;
  /** Of the parts of all blocks. */
  readonly partBytes: number;
  /** Of one number a channel. */
  readonly listBytes: number;
}

function blocksOf(size: number, channels: number): Blocks {
  const rows = size / channels;
  const each = Math.max(leastRows, rowsAPiece(channels));
  const count = numPieces(rows, each);
  return {
    layout: [rows, channels, each],
    count,
    joins: numPieces(channels, channelsJoined),
    partBytes: count * 2 * 8 * Math.ceil(channels / 8) * 8,
    listBytes: channels * 4,
  };
}

const fastBatchNorm = accelerate(norm.batchNormForward, (call) => {
  const blocks = blocksOf(sizeOf(call.shape("input")), sizeOf(call.shape("gain")));
  const { layout, count, joins } = blocks;
  const [input, means] = [call.address("input"), call.output(1)];
  call.withScratch(blocks.partBytes + blocks.listBytes, (parts) => {
    const factors = parts + blocks.partBytes;
    call.run("channelMoments", count, [...layout, input, parts]);
    const statistics = [means, call.output(2), call.output(3)];
    call.run("joinMoments", joins, {
      integers: [...layout, parts, call.address("gain"), ...statistics, factors],
      doubles: [call.attributes.epsilon],
    });
    const affine = [means, factors, call.address("bias")];
    call.run("normaliseChannels", count, [...layout, input, ...affine, call.output(0)]);
  });
});

const fastFixedNorm = accelerate(norm.fixedNormForward, (call) => {
  const blocks = blocksOf(sizeOf(call.shape("input")), sizeOf(call.shape("gain")));
  const { layout, count } = blocks;
  call.withScratch(blocks.listBytes, (factors) => {
    const given = [call.address("variance"), call.address("gain")];
    call.run("fixedScales", 1, {
      integers: [...layout, ...given, call.output(1), factors],
      doubles: [call.attributes.epsilon],
    });
    const affine = [call.address("mean"), factors, call.address("bias")];
    const integers = [...layout, call.address("input"), ...affine, call.output(0)];
    call.run("normaliseChannels", count, integers);
  });
});

interface Gradient {
  readonly blocks: Blocks;
  readonly input: Address;
  readonly gain: Address;
  readonly mean: Address;
  readonly scale: Address;
  readonly gradient: Address;
  readonly output: (index: number) => Address;
  /** The statistics are those of the batch, and change with it. */
  readonly isOfBatch: boolean;
}

function gradient(workshop: Workshop, what: Gradient): void {
  const { blocks, input, gain, mean, scale, output } = what;
  const { layout, count, partBytes, listBytes } = blocks;
  workshop.withScratch(partBytes + 3 * listBytes, (parts) => {
    const factors = parts + partBytes;
    const lists = [factors, factors + listBytes, factors + 2 * listBytes];
    const pair = [input, mean, what.gradient];
    workshop.run("channelGradientSums", count, [...layout, ...pair, parts]);
    const sums = [output(1), output(2), ...lists];
    workshop.run("joinGradientSums", blocks.joins, [...layout, parts, gain, scale, ...sums]);
    const integers = [...layout, ...pair, ...lists, output(0), Number(what.isOfBatch)];
    workshop.run("channelGradient", count, integers);
  });
}

function backward(kernel: typeof norm.batchNormBackward, isOfBatch: boolean): FastKernel {
  return accelerate(kernel, (call) => {
    gradient(call, {
      blocks: blocksOf(sizeOf(call.shape("input")), sizeOf(call.shape("gain"))),
      input: call.address("input"),
      gain: call.address("gain"),
      mean: call.address("mean"),
      scale: call.address("scale"),
      gradient: call.address("outputGradient"),
      output: (index) => call.output(index),
      isOfBatch,
    });
  });
}

/** All fast kernels of this file. */
export const fastBatchNorms: readonly FastKernel[] = [
  fastBatchNorm,
  fastFixedNorm,
  backward(norm.batchNormBackward, true),
  backward(norm.fixedNormBackward, false),
];
