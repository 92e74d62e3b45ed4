/**
 * Matrix multiplication on `cpu` in place of TensorFlow.js' own, which pairs the matrices of a batch wrongly where both
 * operands are broadcast, and rounds to float32 after every 48 products. Transposed operands are first copied into order,
 * and a batch is multiplied matrix by matrix.
 */
import {
  backend as currentBackend,
  broadcast_util as broadcasting,
  type KernelBackend,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { checkMatMul, type MatMulOptions } from "./arguments.ts";
import { replaceKernel } from "./host-kernel.ts";
import { hostMemory, type HostMemory } from "./host-memory.ts";
import { transposeMatrix } from "./kernels/rows.ts";
import { multiplyOnCpu } from "./matmul-cpu.ts";
import { axisSize, sizeOf, type Shape } from "./tensor.ts";

/** Multiplies pairs of matrices in row-major order, neither of them empty. */
export type Multiply = (product: Product) => void;

export interface Product {
  /** [..., rows, inner] */
  readonly left: TensorInfo;
  /** [..., inner, columns] */
  readonly right: TensorInfo;
  /** [..., rows, columns]; written. */
  readonly result: TensorInfo;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Which matrix of each operand makes which of the result: [left, right] for each index of the result. */
  readonly pairs: readonly (readonly [left: number, right: number])[];
}

/** Registers the multiplication for the backend `cpu`, which must be the current one. */
export function registerMatMul(): void {
  const memory = hostMemory("cpu", currentBackend());
  const multiply = multiplyOnCpu(memory);
  replaceKernel("BatchMatMul", "cpu", ({ inputs, backend, attrs }) => {
    const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
    const { transposeA, transposeB } = attrs as object as MatMulOptions; // those of this kernel
    checkMatMul({ a, b }, { transposeA, transposeB });
    const left = transposeA === true ? transposed(a, memory) : a;
    const right = transposeB === true ? transposed(b, memory) : b;
    const result = multiplyAll({ left, right, memory, multiply });
    for (const copy of [left, right]) {
      if (copy !== a && copy !== b) (backend as KernelBackend).disposeData(copy.dataId);
    }
    return result;
  });
}

/** A copy with the last two axes swapped. */
function transposed(info: TensorInfo, memory: HostMemory): TensorInfo {
  const [rows, columns] = [axisSize(info.shape, -2), axisSize(info.shape, -1)];
  const result = memory.allocate([...info.shape.slice(0, -2), columns, rows]);
  const [source, target] = [memory.floats(info), memory.floats(result)];
  for (let from = 0; from < source.length; from += rows * columns) {
    transposeMatrix(source, target, { from, to: from, rows, columns });
  }
  return result;
}

interface Operands {
  readonly left: TensorInfo;
  readonly right: TensorInfo;
  readonly memory: HostMemory;
  readonly multiply: Multiply;
}

function multiplyAll({ left, right, memory, multiply }: Operands): TensorInfo {
  const [rows, inner] = [axisSize(left.shape, -2), axisSize(left.shape, -1)];
  const columns = axisSize(right.shape, -1);
  const [leftBatch, rightBatch] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
  const batch = broadcasting.assertAndGetBroadcastShape(leftBatch, rightBatch);
  const result = memory.allocate([...batch, rows, columns]);
  if (sizeOf(result.shape) === 0) return result;
  if (inner === 0) {
    memory.floats(result).fill(0);
    return result;
  }
  const [leftIndex, rightIndex] = [batchIndex(leftBatch, batch), batchIndex(rightBatch, batch)];
  const pairs = Array.from(
    { length: sizeOf(batch) },
    (_, index) => [leftIndex(index), rightIndex(index)] as const,
  );
  multiply({ left, right, result, rows, inner, columns, pairs });
  return result;
}

/** From the index of a matrix in the broadcast batch to its index in an operand with the batch `own`. */
function batchIndex(own: Shape, batch: Shape): (index: number) => number {
  if (sizeOf(own) === sizeOf(batch)) return (index) => index;
  const padded = [...Array<number>(batch.length - own.length).fill(1), ...own];
  return (index) => {
    let rest = index;
    let stride = 1;
    let result = 0;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const [size, ownSize] = [axisSize(batch, axis), axisSize(padded, axis)];
      result += ((rest % size) % ownSize) * stride;
      rest = Math.floor(rest / size);
      stride *= ownSize;
    }
    return result;
  };
}
