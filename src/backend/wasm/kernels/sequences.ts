/** One row of each example's rows, and the gradients. */
import * as pooling from "../../kernels/pooling.ts";
import { axisSize, type Shape } from "../../tensor.ts";
import {
  accelerate,
  numPieces,
  rowsAPiece,
  type FastKernel,
  type Workshop,
} from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

interface Examples extends pooling.Sequence {
  readonly kernel: "poolRows" | "poolRowsGradient";
  /** [examples, width] */
  readonly shape: Shape;
  readonly from: Address;
  /** 0 for first rows. */
  readonly lengths: Address;
  readonly to: Address;
}

function run(workshop: Workshop, call: Examples): void {
  const { kernel, shape, sequenceLength, from, lengths, to } = call;
  const [count, width] = [axisSize(shape, 0), axisSize(shape, 1)];
  const each = rowsAPiece(width * sequenceLength);
  const integers = [count, width, each, sequenceLength, from, lengths, to];
  workshop.run(kernel, numPieces(count, each), integers);
}

function pooledShape(input: Shape, { sequenceLength }: pooling.Sequence): Shape {
  return [axisSize(input, 0) / sequenceLength, axisSize(input, 1)];
}

const firstRows = accelerate(pooling.firstRows, (call) => {
  const shape = pooledShape(call.shape("input"), call.attributes);
  const addresses = { from: call.address("input"), lengths: 0, to: call.output(0) };
  run(call, { kernel: "poolRows", shape, ...call.attributes, ...addresses });
});

const firstRowsGradient = accelerate(pooling.firstRowsGradient, (call) => {
  const shape = call.shape("outputGradient");
  const addresses = { from: call.address("outputGradient"), lengths: 0, to: call.output(0) };
  run(call, { kernel: "poolRowsGradient", shape, ...call.attributes, ...addresses });
});

const meanRows = accelerate(pooling.meanRows, (call) => {
  const shape = pooledShape(call.shape("input"), call.attributes);
  const [from, lengths] = [call.address("input"), call.address("lengths")];
  run(call, { kernel: "poolRows", shape, ...call.attributes, from, lengths, to: call.output(0) });
});

const meanRowsGradient = accelerate(pooling.meanRowsGradient, (call) => {
  const shape = call.shape("outputGradient");
  const [from, lengths] = [call.address("outputGradient"), call.address("lengths")];
  const addresses = { from, lengths, to: call.output(0) };
  run(call, { kernel: "poolRowsGradient", shape, ...call.attributes, ...addresses });
});

/** All fast kernels of this file. */
export const fastSequences: readonly FastKernel[] = [
  firstRows,
  firstRowsGradient,
  meanRows,
  meanRowsGradient,
];
