/** All kernels of the backends `native` and `cuda`. */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { getKernelsForBackend } from "@tensorflow/tfjs-core";
import { registerGenericKernels } from "../wasm/generic.ts";
import type { NativeBackend } from "./backend.ts";
import { attentionKernels } from "./kernels/attention.ts";
import { elementwiseKernels } from "./kernels/elementwise.ts";
import { imageKernels } from "./kernels/images.ts";
import { layerKernels } from "./kernels/layers.ts";
import { lendKernel } from "./kernels/lent.ts";
import { rowKernels } from "./kernels/rows.ts";
import { stackedLayerKernels } from "./kernels/stacked-layers.ts";
import { tensorFlowKernels } from "./kernels/tensor-flow.ts";

/**
 * Registers them; our own loops (`registerKernels`) must be registered before, and the kernels of `wasm`.
 * @param cpu - The backend whose kernels compute what has none here.
 */
export function registerNativeKernels(backend: NativeBackend, cpu: MathBackendCPU): void {
  registerGenericKernels(backend, cpu);
  for (const { kernelName } of getKernelsForBackend(backend.name)) {
    if (kernelName.startsWith("Lockstep")) lendKernel(kernelName, backend);
  }
  const layers = [...layerKernels, ...rowKernels, ...attentionKernels, ...stackedLayerKernels];
  const ours = [...layers, ...elementwiseKernels, ...imageKernels];
  for (const register of [...tensorFlowKernels, ...ours]) register(backend);
}
