/** All kernels of the backends `native` and `cuda`. */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { getKernelsForBackend } from "@tensorflow/tfjs-core";
import { directForward, directInputGradient, directWeightGradient } from "../direct-convolution.ts";
import { dense, denseGradient } from "../kernels/dense.ts";
import { registerGenericKernels } from "../wasm/generic.ts";
import type { NativeBackend } from "./backend.ts";
import { attentionKernels } from "./kernels/attention.ts";
import { elementwiseKernels } from "./kernels/elementwise.ts";
import { imageKernels } from "./kernels/images.ts";
import { layerKernels } from "./kernels/layers.ts";
import { computeGeluInMemory } from "./kernels/gelu-in-memory.ts";
import { kernelNameOf, lendKernel, lendWhereKept } from "./kernels/lent.ts";
import { shareProducts } from "./kernels/shared-products.ts";
import { rowKernels } from "./kernels/rows.ts";
import { stackedLayerKernels } from "./kernels/stacked-layers.ts";
import { tensorFlowKernels } from "./kernels/tensor-flow.ts";

/**
 * Registers them; our own loops (`registerKernels`) must be registered before, and the kernels of `wasm`.
 * @param cpu - The backend whose kernels compute what has none here.
 */
export function registerNativeKernels(backend: NativeBackend, cpu: MathBackendCPU): void {
  registerGenericKernels(backend, cpu);
  const layers = [...layerKernels, ...rowKernels, ...attentionKernels, ...stackedLayerKernels];
  const ours = [...layers, ...elementwiseKernels, ...imageKernels];
  if (backend.name === "cuda") lendAll(backend, () => true);
  for (const register of [...tensorFlowKernels, ...ours]) register(backend);
  if (backend.name === "native") computeInMemory(backend);
}

function lendAll(backend: NativeBackend, isLent: (kernelName: string) => boolean): void {
  for (const { kernelName } of getKernelsForBackend(backend.name)) {
    if (kernelName.startsWith("Lockstep") && isLent(kernelName)) lendKernel(kernelName, backend);
  }
}

/** Products of matrices: there the library is faster than the kernels of `wasm`. */
const products: readonly string[] = [
  dense,
  denseGradient,
  directForward,
  directInputGradient,
  directWeightGradient,
].map(kernelNameOf);

/**
 * On a CPU, all but products is computed by the kernels of `wasm`, in its memory: each takes one pass over the values where the
 * library takes several, and all threads. What that memory cannot hold goes on to be computed in the library.
 */
function computeInMemory(backend: NativeBackend): void {
  lendAll(backend, (kernelName) => !products.includes(kernelName));
  computeGeluInMemory(backend);
  shareProducts(backend);
  for (const name of ["Add", "Sub", "Multiply", "RealDiv"]) lendWhereKept(name, backend);
}
