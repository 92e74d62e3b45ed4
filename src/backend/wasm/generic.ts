/**
 * Everything that has no kernel of our own: the operations of `tf.*` in a user's model. They are computed by
 * TensorFlow.js' kernels in JavaScript, the backend `cpu`, on copies. Slow, and right; and with elementary functions that
 * are the same in every engine, which JavaScript's own need not be.
 */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import {
  getKernelsForBackend,
  type KernelBackend,
  type KernelConfig,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { ExpError } from "../../core/errors.ts";
import { withSameFunctions } from "../../random/same-functions.ts";
import { replaceKernel } from "../host-kernel.ts";

type Values = Float32Array | Int32Array | Uint8Array;

/** Where the tensors of a backend are read and written. */
export type CopiedBackend = Pick<KernelBackend, "readSync" | "write"> & { readonly name: string };

/** Registers every kernel that the package `@tensorflow/tfjs-backend-cpu` brings under the name of another backend. */
export function registerGenericKernels(backend: CopiedBackend, cpu: MathBackendCPU): void {
  for (const { kernelName, kernelFunc } of getKernelsForBackend("cpu")) {
    if (kernelName.startsWith("Lockstep")) continue;
    replaceKernel(kernelName, backend.name, ({ inputs, attrs }) => {
      const copies = copiesOf(backend, cpu, inputs);
      const outputs = withSameFunctions(() =>
        kernelFunc({ inputs: copies.inputs, ...(attrs && { attrs }), backend: cpu }),
      );
      const results = [outputs].flat().map((output) => moved(backend, cpu, output));
      for (const info of copies.made) cpu.disposeData(info.dataId);
      return Array.isArray(outputs) ? results : first(kernelName, results);
    });
  }
}

type Inputs = Parameters<KernelConfig["kernelFunc"]>[0]["inputs"];

/** The inputs as tensors of the other backend; an input may be a list of tensors. */
function copiesOf(
  backend: CopiedBackend,
  cpu: MathBackendCPU,
  inputs: Inputs,
): { readonly inputs: Inputs; readonly made: readonly TensorInfo[] } {
  const made: TensorInfo[] = [];
  const copy = (info: TensorInfo): TensorInfo => {
    const values = backend.readSync(info.dataId);
    const dataId = cpu.write(values, [...info.shape], info.dtype);
    made.push({ dataId, shape: info.shape, dtype: info.dtype });
    // Some kernels read the rank, though what they are given need not have one.
    return { dataId, shape: info.shape, dtype: info.dtype, rank: info.shape.length } as TensorInfo;
  };
  // `concat` and its like are given a list in place of names.
  if (Array.isArray(inputs)) return { inputs: inputs.map(copy) as object as Inputs, made };
  const copied: Record<string, TensorInfo | TensorInfo[]> = {};
  for (const [name, input] of Object.entries(inputs)) {
    if (input !== undefined && input !== null)
      copied[name] = Array.isArray(input) ? input.map(copy) : copy(input);
  }
  return { inputs: copied as Inputs, made };
}

/** A result as a tensor of ours; the other backend's is freed. */
function moved(backend: CopiedBackend, cpu: MathBackendCPU, output: TensorInfo): TensorInfo {
  const values = cpu.readSync(output.dataId) as Values;
  const dataId = backend.write(values, [...output.shape], output.dtype);
  cpu.disposeData(output.dataId);
  return { dataId, shape: output.shape, dtype: output.dtype };
}

function first(kernelName: string, results: readonly TensorInfo[]): TensorInfo {
  const [result] = results;
  if (result !== undefined) return result;
  throw new ExpError("training", `The operation ${kernelName} of TensorFlow.js gave nothing.`);
}
