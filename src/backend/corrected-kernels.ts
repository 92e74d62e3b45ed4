/** Kernels of TensorFlow.js' package for `cpu` whose results are not what they say, put right under their own names. */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { getKernel, type KernelConfig, type TensorInfo } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import { replaceKernel } from "./host-kernel.ts";

type Call = Parameters<KernelConfig["kernelFunc"]>[0];

let isRegistered = false;

/** Registers them for `cpu`, whose package is loaded; `wasm` and the compiled backends take its kernels over from there. */
export function registerCorrectedKernels(): void {
  if (isRegistered) return;
  isRegistered = true;
  const cast = ownKernel("Cast");
  replaceKernel("Cast", "cpu", (call) => inOwnType(call, single(cast(call))));
  for (const name of ["Cumsum", "Cumprod"]) {
    const run = ownKernel(name);
    replaceKernel(name, "cpu", (call) => run(withAxisFromFront(call)));
  }
}

function ownKernel(name: string): KernelConfig["kernelFunc"] {
  const kernel = getKernel(name, "cpu");
  if (kernel === undefined) throw new InternalError(`the package for cpu has no kernel ${name}`);
  return kernel.kernelFunc;
}

function single(output: TensorInfo | readonly TensorInfo[]): TensorInfo {
  const [first] = [output].flat();
  if (first === undefined) throw new InternalError("a kernel of TensorFlow.js gave nothing");
  return first;
}

/** Integers that are called float32 keep their array there, which no kernel of ours takes. */
function inOwnType({ backend }: Call, info: TensorInfo): TensorInfo {
  const cpu = backend as MathBackendCPU; // these kernels are registered for no other
  const { values } = cpu.data.get(info.dataId);
  const isWrong = values instanceof Int32Array || values instanceof Uint8Array;
  if (info.dtype !== "float32" || !isWrong) return info;
  cpu.disposeData(info.dataId); // which only counts down: the input has it too
  return cpu.makeTensorInfo(info.shape, "float32", Float32Array.from(values));
}

/** An axis counted from the back, which they read as it is, and compute with sizes that are not there. */
function withAxisFromFront(call: Call): Call {
  const { x } = call.inputs as Record<"x", TensorInfo>;
  const axis = Number(call.attrs?.["axis"]);
  return { ...call, attrs: { ...call.attrs, axis: axis < 0 ? axis + x.shape.length : axis } };
}
