/** All kernels of the backends `native` and `cuda`. */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { registerGenericKernels } from "../wasm/generic.ts";
import type { NativeBackend } from "./backend.ts";
import { attentionKernels } from "./kernels/attention.ts";
import { elementwiseKernels } from "./kernels/elementwise.ts";
import { layerKernels } from "./kernels/layers.ts";
import { rowKernels } from "./kernels/rows.ts";
import { tensorFlowKernels } from "./kernels/tensor-flow.ts";

/**
 * Registers them; our own loops (`registerKernels`) must be registered before.
 * @param cpu - The backend whose kernels compute what has none here.
 */
export function registerNativeKernels(backend: NativeBackend, cpu: MathBackendCPU): void {
  registerGenericKernels(backend, cpu);
  const ours = [...layerKernels, ...elementwiseKernels, ...rowKernels, ...attentionKernels];
  for (const register of [...tensorFlowKernels, ...ours]) register(backend);
}
