/**
 * Dense layers whose products the library computes piece by piece, in all threads of `wasm`: each has a library of its own, of
 * one thread, and takes these pieces like those of any kernel there. The library's own threads sleep between two products, and
 * to wake one takes as long as a small product does.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { HostKernel } from "../../host-kernel.ts";
import { dense, denseGradient } from "../../kernels/dense.ts";
import { axisSize, sizeOf } from "../../tensor.ts";
import { computeFast, elementsAPiece, numPieces, type FastCall } from "../../wasm/fast-kernel.ts";
import {
  withGradientBefore,
  type DenseGradientCall,
} from "../../wasm/kernels/before-activation.ts";
import type { Address } from "../../wasm/memory.ts";
import type { NativeBackend } from "../backend.ts";
import { numPartsOf, numPiecesOf, sharedProduct, type SharedProduct } from "../pieces.ts";
import { kernelNameOf, unlessFull } from "./lent.ts";

/** Puts them over the kernels of before, which go on to compute what is empty, and where one thread is asked for. */
export function shareProducts(backend: NativeBackend): void {
  share(backend, dense, (call) => multiply(call, backend.numThreads));
  share(backend, denseGradient, (call) => {
    withGradientBefore(call, (gradient) => multiplyGradient(call, gradient, backend.numThreads));
  });
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
  const shared = sharedProduct(product, numPiecesOf(sizes, numThreads));
  const after = [call.address("bias"), activations[activation], hasTwo ? call.output(0) : 0];
  runProducts(call, [shared], after);
}

/** What `combine` does with this number is to add. */
const added = 0;

/** From the gradient before the activation. */
function multiplyGradient(call: DenseGradientCall, gradient: Address, numThreads: number): void {
  const { ofInput, ofBias } = call.attributes;
  const [rows, inputs] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const outputs = axisSize(call.shape("weight"), 0);
  const ofWeight = { rows: outputs, inner: rows, columns: inputs };
  const operands = { left: gradient, right: call.address("input") };
  const product = { ...ofWeight, ...operands, result: 0, transposed: "left" as const };
  const numParts = numPartsOf(product, numThreads, ofInput);
  const beside = ofInput ? [inputGradient(call, gradient, numThreads)] : [];
  withParts(call, { numParts, size: outputs * inputs }, (result) => {
    runProducts(call, [sharedProduct({ ...product, result }, numParts), ...beside]);
  });
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
  const product = { ...sizes, left, right, result };
  return sharedProduct(product, numPiecesOf(sizes, numThreads));
}

/** Has the parts of sums computed, one after the other in memory, and adds them up in their order. */
function withParts(
  call: DenseGradientCall,
  { numParts, size }: { readonly numParts: number; readonly size: number },
  compute: (result: Address) => void,
): void {
  const total = call.output(0);
  if (numParts === 1) return compute(total);
  call.withScratch(numParts * size * 4, (parts) => {
    compute(parts);
    let sum = parts;
    for (let part = 1; part < numParts; part++) {
      const to = part === numParts - 1 ? total : parts;
      const integers = [size, elementsAPiece, to, sum, parts + part * size * 4, added, size];
      call.run("combine", numPieces(size, elementsAPiece), integers);
      sum = to;
    }
  });
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
  call.run("libraryProduct", numAll, [first.numPieces, ...first.integers, ...beside, ...after]);
}
