/**
 * Matrix multiplication by XNNPACK, the SIMD library inside TensorFlow.js' wasm binary.
 *
 * It keeps a packed copy of the right operand under the tensor's id until that tensor is disposed. So operands get ids
 * that live for one multiplication only: no packed copy can outlive its values, and none takes memory.
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import type { Multiply } from "./matmul.ts";
import type { Shape } from "./tensor.ts";

const bytesPerFloat = 4;
/** Far above any id that TensorFlow.js counts up to. */
const [leftId, rightId, resultId] = [0x40000000, 0x40000001, 0x40000002];

/** Binds the multiplication of a wasm backend. */
export function bindXnnpack(backend: KernelBackend): Multiply {
  const wasm = backend as BackendWasm; // registered under this name by the package itself
  const { tfjs } = wasm.wasm;
  const kernel = bindKernel(wasm);
  const register = (id: number, info: TensorInfo, size: number): ((index: number) => void) => {
    const { memoryOffset } = wasm.dataIdMap.get(info.dataId);
    return (index) => tfjs.registerTensor(id, size, memoryOffset + index * size * bytesPerFloat);
  };
  return ({ left, right, result, rows, inner, columns, pairs }) => {
    const useLeft = register(leftId, left, rows * inner);
    const useRight = register(rightId, right, inner * columns);
    const useResult = register(resultId, result, rows * columns);
    const [leftShape, rightShape] = [shapeBytes([1, rows, inner]), shapeBytes([1, inner, columns])];
    for (const [index, [leftIndex, rightIndex]] of pairs.entries()) {
      useLeft(leftIndex);
      useRight(rightIndex);
      useResult(index);
      kernel(leftId, leftShape, 3, rightId, rightShape, 3, false, false, resultId);
      for (const id of [leftId, rightId, resultId]) tfjs.disposeData(id);
    }
  };
}

type Kernel = (
  ...values: readonly [
    ...left: readonly [id: number, shape: Uint8Array, rank: number],
    ...right: readonly [id: number, shape: Uint8Array, rank: number],
    transposeLeft: boolean,
    transposeRight: boolean,
    resultId: number,
  ]
) => void;

/** The part of Emscripten's module object that binds exports; the package ships without types for it. */
interface Emscripten {
  readonly cwrap: (name: string, result: null, parameters: readonly string[]) => Kernel;
}

function bindKernel(backend: BackendWasm): Kernel {
  const operand = ["number", "array", "number"]; // id, shape, rank
  const rest = ["number", "number", "number"]; // transpose flags, the result's id
  const emscripten = backend.wasm as object as Emscripten;
  return emscripten.cwrap("BatchMatMul", null, [...operand, ...operand, ...rest]);
}

function shapeBytes(shape: Shape): Uint8Array {
  return new Uint8Array(new Int32Array(shape).buffer);
}
