/** Kernels that compute element by element: activations, dropout, and the arithmetic of TensorFlow.js. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { getKernel } from "@tensorflow/tfjs-core";
import { stepWords } from "../../../random/counter.ts";
import * as elementwise from "../../kernels/elementwise.ts";
import { replaceKernel, type HostKernel } from "../../host-kernel.ts";
import { sizeOf, type Shape } from "../../tensor.ts";
import {
  accelerate,
  elementsAPiece,
  floatBits,
  numPieces,
  rowsAPiece,
  workshopOf,
  type FastKernel,
} from "../fast-kernel.ts";

function unary(kernel: HostKernel<"input", object>, name: string): FastKernel {
  return accelerate(kernel, (call) => {
    const size = sizeOf(call.shape("input"));
    const integers = [size, elementsAPiece, call.output(0), call.address("input")];
    call.run(name, numPieces(size, elementsAPiece), integers);
  });
}

function gradient(kernel: HostKernel<"kept" | "outputGradient", object>, name: string): FastKernel {
  return accelerate(kernel, (call) => {
    const size = sizeOf(call.shape("kept"));
    const addresses = [call.output(0), call.address("kept"), call.address("outputGradient")];
    call.run(name, numPieces(size, elementsAPiece), [size, elementsAPiece, ...addresses]);
  });
}

/** The factors of dropout, drawn in the kernel: the numbers of `fillUniform` in `src/random`. */
const fastDropoutMask: FastKernel = accelerate(elementwise.dropoutMask, (call) => {
  const mask = { ...call.attributes, input: 0, result: 0, mask: call.output(0) };
  call.run("dropout", ...dropoutArguments(mask));
});

const fastDropout: FastKernel = accelerate(elementwise.dropout, (call) => {
  const addresses = { input: call.address("input"), result: call.output(0), mask: call.output(1) };
  call.run("dropout", ...dropoutArguments({ ...call.attributes, ...addresses }));
});

interface DropoutCall extends elementwise.DropoutMask {
  /** Addresses; 0 for what is not there. */
  readonly input: number;
  readonly result: number;
  readonly mask: number;
}

/** Pieces and arguments of the kernel `dropout`. */
export function dropoutArguments(call: DropoutCall): readonly [pieces: number, integers: number[]] {
  const { shape, rate, stream, step, position, elementsPerExample } = call;
  const numExamples = sizeOf(shape) / elementsPerExample;
  const piecesAnExample = numPieces(elementsPerExample, elementsAPiece);
  const words = [...stepWords("uniform", step), ...stream.key];
  const below = Math.ceil(rate * 2 ** 24); // a sample is a multiple of 2^-24
  const layout = [numExamples, elementsPerExample, elementsAPiece, piecesAnExample];
  const addresses = [call.input, call.result, call.mask];
  const factor = floatBits(1 / (1 - rate));
  const integers = [...layout, ...addresses, position, ...words, below, factor];
  return [numExamples * piecesAnExample, integers];
}

const operations = { Add: 0, Sub: 1, Multiply: 2, RealDiv: 3 };

/** Operand shapes that the fast kernel serves: equal ones, and a right one that is repeated; the rest is generic. */
function repeatedLength(left: Shape, right: Shape): number | undefined {
  const size = sizeOf(right);
  if (right.length > left.length || size === 0) return undefined;
  if (size === 1) return 1;
  const isSuffix = right.every(
    (length, axis) => length === left[left.length - right.length + axis],
  );
  return isSuffix ? size : undefined;
}

function arithmetic(name: keyof typeof operations): FastKernel {
  return (backend) => {
    const generic = getKernel(name, "wasm").kernelFunc;
    replaceKernel(name, "wasm", (call) => {
      const { a, b } = call.inputs as Record<"a" | "b", TensorInfo>;
      const length = repeatedLength(a.shape, b.shape);
      const isFloat = a.dtype === "float32" && b.dtype === "float32";
      if (!isFloat || length === undefined || sizeOf(a.shape) === 0) return generic(call);
      const result = backend.allocate(a.shape);
      const size = sizeOf(a.shape);
      const each = length === 1 || length === size ? elementsAPiece : rowsAPiece(length) * length;
      const addresses = [backend.address(result), backend.address(a), backend.address(b)];
      const integers = [size, each, ...addresses, operations[name], length];
      workshopOf(backend).run("combine", numPieces(size, each), integers);
      return result;
    });
  };
}

/** All fast kernels of this file. */
export const fastElementwise: readonly FastKernel[] = [
  unary(elementwise.gelu, "gelu"),
  gradient(elementwise.geluGradient, "geluGradient"),
  unary(elementwise.relu, "relu"),
  gradient(elementwise.reluGradient, "reluGradient"),
  unary(elementwise.tanhForward, "tanhForward"),
  gradient(elementwise.tanhGradient, "tanhGradient"),
  fastDropout,
  fastDropoutMask,
  arithmetic("Add"),
  arithmetic("Sub"),
  arithmetic("Multiply"),
  arithmetic("RealDiv"),
];
