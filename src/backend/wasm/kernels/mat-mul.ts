/** `tf.matMul` on this backend. */
import { broadcast_util as broadcasting, type TensorInfo } from "@tensorflow/tfjs-core";
import { checkMatMul } from "../../arguments.ts";
import { axisSize, sizeOf, type Shape } from "../../tensor.ts";
import type { LockstepBackend } from "../backend.ts";
import { workshopOf, type FastKernel } from "../fast-kernel.ts";
import { replaceKernel } from "../../host-kernel.ts";
import { contiguous, multiply, type Operand } from "./multiply.ts";

interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** `BatchMatMul` of TensorFlow.js: every combination of transposes and broadcast batches. */
export const fastMatMul: FastKernel = (backend) => {
  replaceKernel("BatchMatMul", "wasm", ({ inputs, attrs }) => {
    const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
    const { transposeA, transposeB } = attrs as object as MatMulAttributes; // those of this kernel
    checkMatMul({ a, b }, { transposeA, transposeB });
    return matMul(backend, { a, b, transposeA, transposeB });
  });
};

interface MatMulCall extends MatMulAttributes {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

function matMul(backend: LockstepBackend, call: MatMulCall): TensorInfo {
  const { a, b } = call;
  const [rows, inner] = matrixSize(a.shape, call.transposeA);
  const [, columns] = matrixSize(b.shape, call.transposeB);
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcasting.assertAndGetBroadcastShape(batchA, batchB);
  const result = backend.allocate([...batch, rows, columns]);
  if (sizeOf(result.shape) === 0) return result;
  if (inner === 0) {
    backend.view(result).fill(0);
    return result;
  }
  const [indexA, indexB] = [batchIndex(batchA, batch), batchIndex(batchB, batch)];
  const left = operand(backend, a, { rows, columns: inner, isTransposed: call.transposeA });
  const right = operand(backend, b, { rows: inner, columns, isTransposed: call.transposeB });
  const shape = { rows, columns, inner, groupSize: 1 };
  const to = contiguous(backend.address(result), { rows, columns });
  const numMatrices = sizeOf(batch);
  if (isRegular(batchA, batch) && isRegular(batchB, batch)) {
    const [groupA, groupB] = [stride(batchA, left), stride(batchB, right)];
    const operands = { left: { ...left, ...groupA }, right: { ...right, ...groupB }, result: to };
    multiply(workshopOf(backend), { ...shape, ...operands, numMatrices });
    return result;
  }
  for (let matrix = 0; matrix < numMatrices; matrix++) {
    multiply(workshopOf(backend), {
      ...shape,
      left: shifted(left, indexA(matrix)),
      right: shifted(right, indexB(matrix)),
      result: shifted(to, matrix),
      numMatrices: 1,
    });
  }
  return result;
}

function matrixSize(shape: Shape, isTransposed: boolean): readonly [rows: number, columns: number] {
  const [rows, columns] = [axisSize(shape, -2), axisSize(shape, -1)];
  return isTransposed ? [columns, rows] : [rows, columns];
}

function operand(
  backend: LockstepBackend,
  info: TensorInfo,
  layout: Parameters<typeof contiguous>[1],
): Operand {
  return contiguous(backend.address(info), layout);
}

/** One matrix for all of the batch, or one for each. */
function isRegular(own: Shape, batch: Shape): boolean {
  return sizeOf(own) === 1 || sizeOf(own) === sizeOf(batch);
}

function stride(
  own: Shape,
  { matrixStride }: Operand,
): { groupStride: number; matrixStride: number } {
  if (sizeOf(own) === 1) return { groupStride: 0, matrixStride: 0 };
  return { groupStride: matrixStride, matrixStride };
}

function shifted<Kind extends Operand | Omit<Operand, "isTransposed">>(
  matrices: Kind,
  index: number,
): Kind {
  return { ...matrices, address: matrices.address + index * matrices.matrixStride * 4 };
}

/** From the index of a matrix in the broadcast batch to its index in an operand with the batch `own`. */
function batchIndex(own: Shape, batch: Shape): (index: number) => number {
  const padded = [...Array<number>(batch.length - own.length).fill(1), ...own];
  return (index) => {
    let rest = index;
    let step = 1;
    let result = 0;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const [size, ownSize] = [axisSize(batch, axis), axisSize(padded, axis)];
      result += ((rest % size) % ownSize) * step;
      rest = Math.floor(rest / size);
      step *= ownSize;
    }
    return result;
  };
}
