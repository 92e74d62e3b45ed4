/** All kernels of the backend: the fast ones, those that only give another shape, and the generic rest. */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { inferredShape } from "../arguments.ts";
import { replaceKernel } from "../host-kernel.ts";
import type { Shape } from "../tensor.ts";
import type { LockstepBackend } from "./backend.ts";
import { registerGenericKernels } from "./generic.ts";
import { fastAttention } from "./kernels/attention.ts";
import { fastAxes } from "./kernels/axes.ts";
import { fastBatchNorms } from "./kernels/batch-norm.ts";
import { fastDense } from "./kernels/dense.ts";
import { fastElementwise } from "./kernels/elementwise.ts";
import { fastImages } from "./kernels/images.ts";
import { fastMatMul } from "./kernels/mat-mul.ts";
import { fastRows } from "./kernels/rows.ts";
import { fastSequences } from "./kernels/sequences.ts";
import { fastStackedLayers } from "./kernels/stacked-layers.ts";

/**
 * Registers them; our own loops (`registerKernels`) must be registered before.
 * @param cpu - The backend whose kernels compute what has none here.
 */
export function registerWasmKernels(backend: LockstepBackend, cpu: MathBackendCPU): void {
  registerGenericKernels(backend, cpu);
  registerShapes(backend);
  const rows = [...fastRows, ...fastSequences, ...fastAttention];
  const images = [...fastAxes, ...fastImages, ...fastBatchNorms];
  const fast = [
    ...fastDense,
    ...fastStackedLayers,
    fastMatMul,
    ...fastElementwise,
    ...rows,
    ...images,
  ];
  for (const register of fast) register(backend);
}

/** Kernels that give the same values: nothing is copied. */
function registerShapes(backend: LockstepBackend): void {
  replaceKernel("Identity", "wasm", ({ inputs }) => {
    const { x } = inputs as Record<"x", TensorInfo>;
    return backend.share(x, x.shape);
  });
  replaceKernel("Reshape", "wasm", ({ inputs, attrs }) => {
    const { x } = inputs as Record<"x", TensorInfo>;
    const { shape } = attrs as object as { readonly shape: Shape };
    return backend.share(x, inferredShape(shape, x.shape));
  });
}
