/**
 * Kernels that the library has no operation for, by those of `wasm` on copies of the tensors: they compute with all threads,
 * and with the bits that they have there. In a memory that cannot hold the copies, our own loops compute.
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

/** Puts the kernel of `wasm` in the place of a loop; both must be registered before. */
export function lendKernel(kernelName: string, backend: NativeBackend): void {
  const loop = kernelOf(kernelName, backend.name);
  const lent = kernelOf(kernelName, "wasm");
  replaceKernel(kernelName, backend.name, (call) => {
    const inputs = call.inputs as Record<string, TensorInfo>; // what our own kernels are given
    try {
      return computeOnCopies(lent, { ...call, inputs }, backend);
    } catch (error) {
      if (error instanceof OutOfMemoryError) return loop(call);
      throw error;
    }
  });
}

function kernelOf(kernelName: string, backendName: string): KernelFunction {
  const found = getKernel(kernelName, backendName);
  if (found === undefined) throw new InternalError(`${backendName} has no kernel ${kernelName}`);
  return found.kernelFunc;
}

interface LentCall {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs?: Parameters<KernelFunction>[0]["attrs"];
}

function computeOnCopies(
  kernel: KernelFunction,
  { inputs, attrs }: LentCall,
  backend: NativeBackend,
): TensorInfo[] {
  const { keeper } = backend;
  const copies: TensorInfo[] = [];
  try {
    const given: Record<string, TensorInfo> = {};
    for (const [name, info] of Object.entries(inputs)) {
      const copy = copyOf(info, backend);
      copies.push(copy);
      given[name] = copy;
    }
    const outputs = [kernel({ inputs: given, ...(attrs && { attrs }), backend: keeper })].flat();
    copies.push(...outputs);
    return outputs.map((output) => taken(output, backend));
  } finally {
    for (const { dataId } of copies) keeper.disposeData(dataId);
  }
}

function copyOf(info: TensorInfo, backend: NativeBackend): TensorInfo {
  const values = backend.view(info);
  const dtype = values instanceof Float32Array ? "float32" : "int32";
  const copy = backend.keeper.allocate(info.shape, dtype);
  if (values.length > 0) backend.keeper.view(copy).set(values);
  return copy;
}

/** Outputs up to this many values, such as a mean for each channel, stay where JavaScript reads them. */
const fewValues = 1_024;

function taken({ dataId, shape, dtype }: TensorInfo, backend: NativeBackend): TensorInfo {
  const values = backend.keeper.view({ dataId, shape, dtype });
  if (values.length > fewValues && values instanceof Float32Array) {
    return backend.adopt(backend.copied(values, shape), shape);
  }
  return { dataId: backend.write(values.slice(), shape, dtype), shape, dtype };
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
    const kernel = kernelOf(`Lockstep${dropoutMask.definition.name}`, "wasm");
    const attrs = { ...mask } as object as NonNullable<LentCall["attrs"]>; // handed through as they are
    return [kernel({ inputs: {}, attrs, backend: keeper })].flat()[0];
  } catch (error) {
    if (error instanceof OutOfMemoryError) return undefined;
    throw error;
  }
}
