/**
 * Tensors as typed arrays, so that one loop in TypeScript serves every backend: on `wasm` and `cpu` in their memory, on `native`
 * and `cuda` as copies of what TensorFlow's library holds.
 */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import type { BackendName } from "./choose.ts";
import type { NativeBackend } from "./native/backend.ts";
import { allocatedSize, type Shape } from "./tensor.ts";
import type { LockstepBackend } from "./wasm/backend.ts";

export type HostArray = Float32Array | Int32Array;

export interface HostMemory {
  /** A new float32 tensor. Its values are undefined: the kernel must write each of them. */
  readonly allocate: (shape: Shape) => TensorInfo;
  /** The values of a tensor, without a copy. */
  readonly view: (info: TensorInfo) => HostArray;
  /** `view` of a float32 tensor. */
  readonly floats: (info: TensorInfo) => Float32Array;
}

/** The memory of a backend that is registered under `name`. */
export function hostMemory(name: BackendName, backend: KernelBackend): HostMemory {
  switch (name) {
    case "wasm": {
      const wasm = backend as LockstepBackend; // registered under this name by `prepare.ts`
      return withFloats({
        allocate: (shape) => wasm.allocate(shape),
        view: (info) => hostArray(wasm.view(info)),
      });
    }
    case "native":
    case "cuda": {
      const native = backend as NativeBackend; // registered under these names by `prepare.ts`
      return withFloats({
        allocate: (shape) => native.allocate(shape),
        view: (info) => hostArray(native.view(info)),
      });
    }
    case "cpu": {
      const cpu = backend as MathBackendCPU; // registered under this name by the package itself
      return withFloats({
        allocate: (shape) =>
          cpu.makeTensorInfo([...shape], "float32", new Float32Array(allocatedSize(shape))),
        view: (info) => hostArray(cpu.data.get(info.dataId).values),
      });
    }
  }
}

function withFloats(memory: Omit<HostMemory, "floats">): HostMemory {
  const floats = (info: TensorInfo): Float32Array => {
    const values = memory.view(info);
    if (values instanceof Float32Array) return values;
    throw new InternalError("a kernel expected float32 and was given int32");
  };
  return { ...memory, floats };
}

function hostArray(values: unknown): HostArray {
  if (values instanceof Float32Array || values instanceof Int32Array) return values;
  throw new InternalError("a kernel was given a tensor that is neither float32 nor int32");
}
