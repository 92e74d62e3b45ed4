/**
 * Kernels that the library has no operation for, by those of `wasm` on copies of the tensors: they compute with all threads,
 * and with the bits that they have there; but products of attention are our own where there are several. In a memory that cannot hold the copies, our own loops compute.
 */
import { getKernel, type KernelConfig, type TensorInfo } from "@tensorflow/tfjs-core";
import { InternalError } from "../../../core/errors.ts";
import { replaceKernel } from "../../host-kernel.ts";
import { fillDropoutMask, dropoutMask, type DropoutMask } from "../../kernels/elementwise.ts";
import { sizeOf } from "../../tensor.ts";
import type { LockstepBackend } from "../../wasm/backend.ts";
import { OutOfMemoryError } from "../../wasm/heap.ts";
import type { NativeBackend } from "../backend.ts";

type KernelFunction = KernelConfig["kernelFunc"];

/** Puts the kernel of `wasm` in the place of the one that is there, which computes what the memory cannot hold. */
export function lendKernel(kernelName: string, backend: NativeBackend): void {
  unlessFull(kernelName, backend, (call) => callKeeper(backend, kernelName, call));
}

/**
 * Puts another implementation in the place of a kernel, which still computes what the memory of `wasm` cannot hold.
 * @param compute - Gives `undefined` for what the kernel of before is to compute.
 */
export function unlessFull(
  kernelName: string,
  backend: NativeBackend,
  compute: (call: LentCall) => TensorInfo | TensorInfo[] | undefined,
): void {
  const before = kernelOf(kernelName, backend.name);
  replaceKernel(kernelName, backend.name, (call) => {
    const inputs = call.inputs as Record<string, TensorInfo>; // what our own kernels are given
    try {
      return compute({ ...call, inputs }) ?? before(call);
    } catch (error) {
      if (error instanceof OutOfMemoryError) return before(call);
      throw error;
    }
  });
}

/** Puts the kernel of `wasm` in the place of one of two tensors of one shape where either lies in its memory already. */
export function lendWhereKept(kernelName: string, backend: NativeBackend): void {
  unlessFull(kernelName, backend, (call) => {
    const { a, b } = call.inputs;
    if (a === undefined || b === undefined || a.shape.join() !== b.shape.join()) return undefined;
    const isKept = backend.isInMemory(a) || backend.isInMemory(b);
    const isFloat = a.dtype === "float32" && b.dtype === "float32";
    return isKept && isFloat ? callKeeper(backend, kernelName, call)[0] : undefined;
  });
}

/** The name under which TensorFlow.js knows a kernel of our own. */
export function kernelNameOf({
  definition,
}: {
  readonly definition: { readonly name: string };
}): string {
  return `Lockstep${definition.name}`;
}

function kernelOf(kernelName: string, backendName: string): KernelFunction {
  const found = getKernel(kernelName, backendName);
  if (found === undefined) throw new InternalError(`${backendName} has no kernel ${kernelName}`);
  return found.kernelFunc;
}

/** What a kernel is called with. */
interface LentCall {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs?: Parameters<KernelFunction>[0]["attrs"];
}

/** The outputs of a kernel of `wasm`, where the inputs are tensors of `backend`. @throws {OutOfMemoryError} */
function callKeeper(
  backend: NativeBackend,
  kernelName: string,
  { inputs, attrs }: LentCall,
): TensorInfo[] {
  const { keeper } = backend;
  const kernel = kernelOf(kernelName, "wasm");
  const given: Record<string, TensorInfo> = {};
  for (const [name, info] of Object.entries(inputs)) given[name] = backend.inMemory(info);
  const outputs = [kernel({ inputs: given, ...(attrs && { attrs }), backend: keeper })].flat();
  return outputs.map((output) => taken(output, backend));
}

/** On a GPU nothing stays in the memory of `wasm`. */
function taken(output: TensorInfo, backend: NativeBackend): TensorInfo {
  if (backend.name === "native") return backend.adoptKept(output);
  const { dataId, shape, dtype } = output;
  const values = backend.keeper.view(output).slice();
  backend.keeper.disposeData(dataId);
  return { dataId: backend.write(values, shape, dtype), shape, dtype };
}

/**
 * The factors of dropout, drawn by the threads of `wasm`: never by the library, so that they are those of every backend.
 * @param use - Is given them, for as long as it runs.
 */
export function withDrawnMask<Result>(
  keeper: LockstepBackend,
  mask: DropoutMask,
  use: (values: Float32Array) => Result,
): Result {
  const drawn = drawMask(keeper, mask);
  if (drawn === undefined) {
    const values = new Float32Array(sizeOf(mask.shape));
    fillDropoutMask(values, mask);
    return use(values);
  }
  try {
    const values = keeper.view(drawn);
    if (!(values instanceof Float32Array)) throw new InternalError("a mask is not of float32");
    return use(values);
  } finally {
    keeper.disposeData(drawn.dataId);
  }
}

/** Undefined where the memory cannot hold it. */
function drawMask(keeper: LockstepBackend, mask: DropoutMask): TensorInfo | undefined {
  try {
    const kernel = kernelOf(kernelNameOf(dropoutMask), "wasm");
    const attrs = { ...mask } as object as NonNullable<LentCall["attrs"]>; // handed through as they are
    return [kernel({ inputs: {}, attrs, backend: keeper })].flat()[0];
  } catch (error) {
    if (error instanceof OutOfMemoryError) return undefined;
    throw error;
  }
}
