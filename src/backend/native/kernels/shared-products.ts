/**
 * Dense layers, and `tf.matMul` of two matrices, whose products all threads of `wasm` compute piece by piece, by C++ of our own
 * (`products-level.ts`), like pieces of any kernel there. The library's own threads sleep between two products, and to wake one
 * takes as long as a small product does.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { HostKernel } from "../../host-kernel.ts";
import { dense, denseGradient } from "../../kernels/dense.ts";
import { axisSize, sizeOf } from "../../tensor.ts";
import { computeFast, numPieces, workshopOf, type FastCall } from "../../wasm/fast-kernel.ts";
import {
  withGradientBefore,
  type DenseGradientCall,
} from "../../wasm/kernels/before-activation.ts";
import type { Address } from "../../wasm/memory.ts";
import type { NativeBackend } from "../backend.ts";
import { nextSerial, sharedProduct, type Product, type SharedProduct } from "../pieces.ts";
import { kernelNameOf, unlessFull } from "./lent.ts";

/** Puts them over the kernels of before, which go on to compute what is empty, and where one thread is asked for. */
export function shareProducts(backend: NativeBackend): void {
  share(backend, dense, (call) => multiply(call, backend.numThreads));
  share(backend, denseGradient, (call) => {
    withGradientBefore(call, (gradient) => multiplyGradient(call, gradient, backend.numThreads));
  });
  shareMatMul(backend);
}

/** What `tf.matMul` calls. */
const matMul = "BatchMatMul";

/** Two matrices of float32 that are not empty, at most one of them transposed: what the others are, the library computes. */
function shareMatMul(backend: NativeBackend): void {
  unlessFull(matMul, backend, ({ inputs, attrs }) => {
    const operands = inputs as Record<"a" | "b", TensorInfo>; // the kernel has them
    const transposed = attrs as object as Transposed; // likewise
    if (backend.numThreads === 1 || !Object.values(operands).every(isMatrix)) return undefined;
    const sizes = matMulSizes(operands, transposed);
    return sizes === undefined ? undefined : multiplyMatrices(backend, operands, sizes);
  });
}

type Transposed = Readonly<Record<"transposeA" | "transposeB", boolean>>;

function isMatrix({ shape, dtype }: TensorInfo): boolean {
  return shape.length === 2 && dtype === "float32" && sizeOf(shape) > 0;
}

type MatMulSizes = Omit<Product, "left" | "right" | "result">;

/** Undefined for sizes that do not fit, and where both are transposed. */
function matMulSizes(
  { a, b }: Readonly<Record<"a" | "b", TensorInfo>>,
  { transposeA, transposeB }: Transposed,
): MatMulSizes | undefined {
  const inner = axisSize(a.shape, transposeA ? 0 : 1);
  if (axisSize(b.shape, transposeB ? 1 : 0) !== inner || (transposeA && transposeB))
    return undefined;
  const [rows, columns] = [
    axisSize(a.shape, transposeA ? 1 : 0),
    axisSize(b.shape, transposeB ? 0 : 1),
  ];
  const sizes = { rows, inner, columns };
  if (transposeA) return { ...sizes, transposed: "left" };
  return transposeB ? { ...sizes, transposed: "right" } : sizes;
}

function multiplyMatrices(
  backend: NativeBackend,
  { a, b }: Readonly<Record<"a" | "b", TensorInfo>>,
  sizes: MatMulSizes,
): TensorInfo {
  const { keeper, numThreads } = backend;
  const left = keeper.address(backend.inMemory(a));
  const right = keeper.address(backend.inMemory(b));
  const kept = keeper.allocate([sizes.rows, sizes.columns]);
  try {
    const places = { left, right, result: keeper.address(kept) };
    runProducts(workshopOf(keeper), [sharedProduct({ ...sizes, ...places }, numThreads)]);
    return backend.adoptKept(kept);
  } catch (error) {
    keeper.disposeData(kept.dataId);
    throw error;
  }
}

function share<Input extends string, Attributes extends object>(
  backend: NativeBackend,
  kernel: HostKernel<Input, Attributes>,
  compute: (call: FastCall<Input, Attributes>) => void,
): void {
  unlessFull(kernelNameOf(kernel), backend, ({ inputs, attrs }) => {
    const { input, weight } = inputs as Record<"input" | "weight", TensorInfo>; // both kernels have them
    const isEmpty = sizeOf(input.shape) * sizeOf(weight.shape) === 0;
    if (backend.numThreads === 1 || isEmpty) return undefined;
    const infos: Partial<Record<Input, TensorInfo>> = {};
    for (const name of kernel.definition.inputs) {
      const info = inputs[name];
      if (info !== undefined) infos[name] = backend.inMemory(info);
    }
    const call = {
      infos: infos as Record<Input, TensorInfo>, // all of them, or TensorFlow.js would not have called
      attributes: attrs as object as Attributes, // what our own kernels are called with
    };
    const outputs = computeFast(backend.keeper, kernel.definition, { ...call, compute });
    return outputs.map((output) => backend.adoptKept(output));
  });
}

const activations = { none: 0, relu: 1, gelu: 2 };

function multiply(
  call: FastCall<"input" | "weight" | "bias", Parameters<typeof dense.call>[1]>,
  numThreads: number,
): void {
  const { activation } = call.attributes;
  const hasTwo = activation === "gelu";
  const sizes = {
    rows: axisSize(call.shape("input"), 0),
    inner: axisSize(call.shape("input"), 1),
    columns: axisSize(call.shape("weight"), 0),
  };
  const [left, right] = [call.address("input"), call.address("weight")];
  const result = call.output(hasTwo ? 1 : 0);
  const product = { ...sizes, left, right, result, transposed: "right" as const };
  const shared = sharedProduct(product, numThreads);
  const after = [call.address("bias"), activations[activation], hasTwo ? call.output(0) : 0];
  runProducts(call, [shared], after);
}

/** From the gradient before the activation. */
function multiplyGradient(call: DenseGradientCall, gradient: Address, numThreads: number): void {
  const { ofInput, ofBias } = call.attributes;
  const [rows, inputs] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const outputs = axisSize(call.shape("weight"), 0);
  const ofWeight = { rows: outputs, inner: rows, columns: inputs };
  const operands = { left: gradient, right: call.address("input"), result: call.output(0) };
  const product = { ...ofWeight, ...operands, transposed: "left" as const };
  const beside = ofInput ? [inputGradient(call, gradient, numThreads)] : [];
  runProducts(call, [sharedProduct(product, numThreads), ...beside]);
  if (!ofBias) return;
  const integers = [rows, outputs, columnsAPiece, gradient, call.output(2)];
  call.run("columnSum", numPieces(outputs, columnsAPiece), integers);
}

/** Columns of a piece that reads a matrix from top to bottom: a cache line. */
const columnsAPiece = 16;

function inputGradient(call: DenseGradientCall, left: Address, numThreads: number): SharedProduct {
  const [rows, columns] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const sizes = { rows, inner: axisSize(call.shape("weight"), 0), columns };
  const [right, result] = [call.address("weight"), call.output(1)];
  return sharedProduct({ ...sizes, left, right, result }, numThreads);
}

/** Written out: arguments that are not given are those of another call. */
const nothingAfter = [0, 0, 0];

function runProducts(
  call: Pick<DenseGradientCall, "run">,
  products: readonly SharedProduct[],
  after: readonly number[] = nothingAfter,
): void {
  const [first, second] = products;
  if (first === undefined) return;
  const beside = second?.integers ?? first.integers.map(() => 0);
  const numAll = first.numPieces + (second?.numPieces ?? 0);
  const integers = [first.numPieces, ...first.integers, ...beside, ...after, nextSerial()];
  call.run("libraryProduct", numAll, integers);
}
