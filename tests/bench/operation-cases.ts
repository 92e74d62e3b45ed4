/** The kernels that training is made of, on arrays that no cache holds, with what each has to compute or to move at least. */
import { matMul, tensor1d, type Tensor } from "@tensorflow/tfjs-core";
import type { HostKernel } from "../../src/backend/host-kernel.ts";
import { placeTensors } from "../../src/backend/host-tensors.ts";
import * as attention from "../../src/backend/kernels/attention.ts";
import * as batchNorm from "../../src/backend/kernels/batch-norm.ts";
import * as convolution from "../../src/backend/kernels/convolution.ts";
import { crossEntropy } from "../../src/backend/kernels/cross-entropy.ts";
import * as elementwise from "../../src/backend/kernels/elementwise.ts";
import * as pooling from "../../src/backend/kernels/image-pooling.ts";
import * as layerNorm from "../../src/backend/kernels/layer-norm.ts";
import * as rows from "../../src/backend/kernels/rows.ts";
import { constant } from "../../src/backend/operations.ts";
import { sizeOf, type Shape } from "../../src/backend/tensor.ts";
import { adamUpdate, scaleInPlace, squaredNorms } from "../../src/backend/updates.ts";
import type { HostTensor } from "../../src/core/run-events.ts";
import { fillNormal } from "../../src/random/samples.ts";
import { createStreams } from "../../src/random/streams.ts";

/** Something to be timed. */
export interface OperationCase {
  readonly name: string;
  /** Multiplications and additions, or bytes of all inputs read and all outputs written once. */
  readonly unit: "flops" | "bytes";
  readonly amount: number;
  /** Leaves tensors behind, for a `tidy` around it. */
  readonly work: () => unknown;
}

const [numRows, width] = [16_384, 256];
const streams = createStreams(1);

function normal(...shape: number[]): Tensor {
  const values = new Float32Array(sizeOf(shape));
  fillNormal(streams.stream(shape.join("x")), values);
  return constant(values, shape);
}

/** Whole numbers from 0 to below `end`. */
function ids(count: number, end: number): Tensor {
  return tensor1d(
    Int32Array.from({ length: count }, (_, index) => (index * 7_919) % end),
    "int32",
  );
}

/** A kernel that moves more than it computes. */
function moving<Input extends string, Attributes extends object>(
  kernel: HostKernel<Input, Attributes>,
  inputs: Readonly<Record<Input, Tensor>>,
  attributes: Attributes,
): OperationCase {
  const { name, outputShapes, inputs: names } = kernel.definition;
  const given: Partial<Record<Input, Shape>> = {};
  for (const input of names) given[input] = inputs[input].shape;
  const shapes = given as Record<Input, Shape>; // each was just filled in
  const sizes = [...names.map((input) => shapes[input]), ...outputShapes(shapes, attributes)];
  const amount = 4 * sizes.reduce((total, shape) => total + sizeOf(shape), 0);
  return { name, unit: "bytes", amount, work: () => kernel.call(inputs, attributes) };
}

function products(): readonly OperationCase[] {
  const sizes = [
    [1024, 128, 128],
    [1024, 128, 512],
    [2048, 256, 1024],
    [1023, 127, 129],
  ] as const;
  return sizes.flatMap(([rowCount, inner, columns]) =>
    ["", "left", "right"].map((transposed): OperationCase => {
      const [isLeft, isRight] = [transposed === "left", transposed === "right"];
      const left = isLeft ? normal(inner, rowCount) : normal(rowCount, inner);
      const right = isRight ? normal(columns, inner) : normal(inner, columns);
      return {
        name: `matMul ${rowCount}·${inner}·${columns}${transposed && `, ${transposed} transposed`}`,
        unit: "flops",
        amount: 2 * rowCount * inner * columns,
        work: () => matMul(left, right, isLeft, isRight),
      };
    }),
  );
}

function attentions(): readonly OperationCase[] {
  const sizes = { batchSize: 16, sequenceLength: 128, numHeads: 4, headSize: 64 };
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const input = normal(batchSize * sequenceLength, numHeads * headSize);
  const given = { query: input, key: input, value: input };
  const weights = normal(batchSize * numHeads, sequenceLength, sequenceLength);
  const lengths = tensor1d(new Int32Array(batchSize).fill(sequenceLength), "int32");
  const scale = 1 / Math.sqrt(headSize);
  const product = 2 * batchSize * numHeads * sequenceLength ** 2 * headSize;
  const common = { ...sizes, scale, causal: false, isTogether: false };
  const forward = { ...common, dropout: undefined };
  const backward = { ...given, weights, dropped: weights, outputGradient: input };
  const options = { ...common, dropoutFactor: 1 };
  return [
    {
      name: "Attention",
      unit: "flops",
      amount: 2 * product,
      work: () => attention.attentionForward.call({ ...given, lengths }, forward),
    },
    {
      name: "AttentionGradient",
      unit: "flops",
      amount: 4 * product,
      work: () => attention.attentionBackward.call(backward, options),
    },
  ];
}

function overRows(): readonly OperationCase[] {
  const [input, gain] = [normal(numRows, width), normal(width)];
  const [mean, scale] = [normal(numRows), normal(numRows)];
  const gradients = { kept: input, outputGradient: normal(numRows, width) };
  const mask = { shape: [numRows, width], rate: 0.1, stream: streams.stream("dropout") };
  const place = { step: 1, position: 0, elementsPerExample: width };
  const table = normal(8_000, width);
  const tableIds = ids(numRows, 8_000);
  return [
    moving(elementwise.gelu, { input }, {}),
    moving(elementwise.geluGradient, gradients, {}),
    moving(elementwise.relu, { input }, {}),
    moving(elementwise.reluGradient, gradients, {}),
    moving(elementwise.tanhForward, { input }, {}),
    moving(elementwise.tanhGradient, gradients, {}),
    moving(elementwise.dropout, { input }, { ...mask, ...place }),
    moving(layerNorm.layerNormForward, { input, gain, bias: gain }, { epsilon: 1e-5 }),
    moving(
      layerNorm.layerNormBackward,
      { input, gain, mean, scale, outputGradient: gradients.outputGradient },
      {},
    ),
    moving(rows.columnSum, { input }, {}),
    moving(rows.gatherRows, { table, ids: tableIds }, {}),
    moving(rows.segmentSum, { rows: input, ids: tableIds }, { numEntries: 8_000 }),
    moving(
      crossEntropy,
      { logits: input, labels: ids(numRows, width) },
      { labelSmoothing: 0.1, divisor: numRows },
    ),
  ];
}

function overImages(): readonly OperationCase[] {
  const images = normal(64, 56, 56, 16);
  const [gain, lines] = [normal(16), normal(64 * 56 * 56, 16 * 9)];
  const windows = { windowHeight: 3, windowWidth: 3, stride: 1, padding: 1 };
  const blocks = { windowHeight: 2, windowWidth: 2, stride: 2, padding: 0 };
  const norm = {
    input: images,
    gain,
    mean: gain,
    scale: gain,
    outputGradient: normal(64, 56, 56, 16),
  };
  const imageShape = [64, 56, 56, 16];
  return [
    moving(convolution.imageToColumns, { input: images }, windows),
    moving(batchNorm.batchNormForward, { input: images, gain, bias: gain }, { epsilon: 1e-5 }),
    moving(batchNorm.batchNormBackward, norm, {}),
    moving(pooling.maxPool, { input: images }, blocks),
    moving(pooling.averagePool, { input: images }, blocks),
    moving(convolution.columnsToImage, { columns: lines }, { ...windows, imageShape }),
  ];
}

function inPlace(): readonly OperationCase[] {
  const count = numRows * width;
  const names = ["parameter", "gradient", "mean", "square"] as const;
  const empty: HostTensor = { dtype: "F32", shape: [count], values: new Float32Array(count) };
  const { tensors } = placeTensors(new Map(names.map((name) => [name, empty])));
  const arrays = Object.fromEntries(
    names.map((name) => [name, tensors.get(name)?.values]),
  ) as Record<(typeof names)[number], Float32Array>; // each was just placed
  const rates = { decay: 1e-5, l2Penalty: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const constants = { ...rates, stepSize: 1e-3, rootCorrection: 1 };
  const bytes = 4 * count;
  return [
    {
      name: "adamUpdate",
      unit: "bytes",
      amount: 7 * bytes,
      work: () => adamUpdate([{ arrays, isDecayed: true }], constants),
    },
    {
      name: "squaredNorms",
      unit: "bytes",
      amount: bytes,
      work: () => squaredNorms([arrays.gradient]),
    },
    {
      name: "scaleInPlace",
      unit: "bytes",
      amount: 2 * bytes,
      work: () => scaleInPlace(arrays.gradient, 1),
    },
  ];
}

/** All cases, with their inputs in the memory of the backend in use. */
export function operationCases(): readonly OperationCase[] {
  return [...products(), ...attentions(), ...overRows(), ...overImages(), ...inPlace()];
}
