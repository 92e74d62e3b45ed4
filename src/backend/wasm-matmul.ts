/**
 * Matrix multiplication for `wasm` that always takes XNNPACK's SIMD path. TensorFlow.js takes it only for one untransposed
 * pair of matrices; everything else, and so every gradient and all of attention, runs in a scalar loop more than ten
 * times slower. Here transposed operands are copied into order first, and a batch is multiplied matrix by matrix.
 *
 * XNNPACK keeps a packed copy of the second operand under the tensor's id until that tensor is disposed. That is sound
 * because tensors never change in place, and the short-lived ids used for parts of a batch are disposed after each use.
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { broadcast_util as broadcasting } from "@tensorflow/tfjs-core";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import { transposeMatrix } from "./kernels/rows.ts";
import { axisSize, sizeOf, type Shape } from "./tensor.ts";

const bytesPerFloat = 4;
/** Ids for parts of tensors: far above any that TensorFlow.js counts up to, and free again after each multiplication. */
const [leftPartId, rightPartId, productPartId] = [0x40000000, 0x40000001, 0x40000002];

export interface MatMulInputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Multiplies the last two axes of `a` and `b`; the axes before them broadcast. */
export type MatMul = (inputs: MatMulInputs, backend: KernelBackend) => TensorInfo;

/** Binds the multiplication to a wasm backend; the kernel itself is TensorFlow.js' own. */
export function createWasmMatMul(backend: KernelBackend): MatMul {
  const multiply = bindMultiply(backend as BackendWasm);
  return ({ a, b, transposeA, transposeB }, currentBackend) => {
    if (a.dtype !== "float32" || b.dtype !== "float32") {
      throw new InternalError("matrix multiplication on wasm takes float32 only");
    }
    const wasm = currentBackend as BackendWasm; // the kernel is registered for this backend only
    const batch = broadcasting.assertAndGetBroadcastShape(
      a.shape.slice(0, -2),
      b.shape.slice(0, -2),
    );
    const left = transposeA ? transposed(a, wasm) : a;
    const right = transposeB ? transposed(b, wasm) : b;
    const [rows, inner, columns] = [
      axisSize(left.shape, -2),
      axisSize(left.shape, -1),
      axisSize(right.shape, -1),
    ];
    const product = wasm.makeOutput([...batch, rows, columns], "float32");
    if (sizeOf(product.shape) > 0 && inner === 0) wasm.typedArrayFromHeap(product).fill(0);
    else if (sizeOf(product.shape) > 0)
      multiply({ left, right, product, sizes: { rows, inner, columns } });
    if (left !== a) wasm.disposeData(left.dataId);
    if (right !== b) wasm.disposeData(right.dataId);
    return product;
  };
}

/** A copy with the last two axes swapped. */
function transposed(info: TensorInfo, backend: BackendWasm): TensorInfo {
  const [rows, columns] = [axisSize(info.shape, -2), axisSize(info.shape, -1)];
  const result = backend.makeOutput([...info.shape.slice(0, -2), columns, rows], "float32");
  const source = backend.typedArrayFromHeap(info) as Float32Array; // the caller checked the type
  const target = backend.typedArrayFromHeap(result) as Float32Array;
  for (let from = 0; from < source.length; from += rows * columns) {
    transposeMatrix(source, target, { from, to: from, rows, columns });
  }
  return result;
}

interface Product {
  readonly left: TensorInfo;
  readonly right: TensorInfo;
  readonly product: TensorInfo;
  readonly sizes: { readonly rows: number; readonly inner: number; readonly columns: number };
}

type Kernel = (
  ...values: readonly [
    number,
    Uint8Array,
    number,
    number,
    Uint8Array,
    number,
    boolean,
    boolean,
    number,
  ]
) => void;

/** The part of Emscripten's module object that binds exports; the package ships without types for it. */
interface Emscripten {
  readonly cwrap: (name: string, result: null, parameters: readonly string[]) => Kernel;
}

function bindMultiply(backend: BackendWasm): (product: Product) => void {
  const operand = ["number", "array", "number"]; // id, shape, rank
  const rest = ["number", "number", "number"]; // transpose flags, the product's id
  const emscripten = backend.wasm as object as Emscripten;
  const kernel = emscripten.cwrap("BatchMatMul", null, [...operand, ...operand, ...rest]);
  const { tfjs } = backend.wasm;
  const part = (id: number, info: TensorInfo, size: number): ((index: number) => void) => {
    const { memoryOffset } = backend.dataIdMap.get(info.dataId);
    return (index) => tfjs.registerTensor(id, size, memoryOffset + index * size * bytesPerFloat);
  };
  return ({ left, right, product, sizes: { rows, inner, columns } }) => {
    const leftShape = shapeBytes([1, rows, inner]);
    const rightShape = shapeBytes([1, inner, columns]);
    const useLeft = part(leftPartId, left, rows * inner);
    const useRight = part(rightPartId, right, inner * columns);
    const useProduct = part(productPartId, product, rows * columns);
    const batch = product.shape.slice(0, -2);
    const [leftIndex, rightIndex] = [batchIndex(left.shape, batch), batchIndex(right.shape, batch)];
    for (let index = 0; index < sizeOf(batch); index++) {
      useLeft(leftIndex(index));
      useRight(rightIndex(index));
      useProduct(index);
      kernel(leftPartId, leftShape, 3, rightPartId, rightShape, 3, false, false, productPartId);
      tfjs.disposeData(leftPartId);
      tfjs.disposeData(rightPartId);
      tfjs.disposeData(productPartId);
    }
  };
}

function shapeBytes(shape: Shape): Uint8Array {
  return new Uint8Array(new Int32Array(shape).buffer);
}

/** From the index of a matrix in the broadcast batch to its index in an operand of the given shape. */
function batchIndex(shape: Shape, batch: Shape): (index: number) => number {
  const own = shape.slice(0, -2);
  const padded = [...Array<number>(batch.length - own.length).fill(1), ...own];
  if (sizeOf(own) === sizeOf(batch)) return (index) => index;
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
