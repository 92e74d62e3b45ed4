/**
 * Kernels of TensorFlow.js 4.22 that are missing, wrong or far too slow, replaced by sound ones or by a clear refusal.
 * The built-in models need the matrix multiplication only; users' models may reach any of them through `tf.*`.
 */
import { backend as currentBackend } from "@tensorflow/tfjs-core";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../core/errors.ts";
import type { BackendName } from "./choose.ts";
import { replaceKernel } from "./host-kernel.ts";
import { hostMemory } from "./host-memory.ts";
import { addRows } from "./kernels/rows.ts";
import { sizeOf } from "./tensor.ts";
import { createWasmMatMul } from "./wasm-matmul.ts";

/** Wasm kernels whose results are wrong, with what to write instead. */
const wrongOnWasm: Readonly<Record<string, string>> = {
  _FusedMatMul: "With a bias it is wrong; use tf.matMul and tf.add.",
  MaxPoolGrad: "It loses the gradient of windows without a positive value; use the backend cpu.",
  MaxPool3D: "It is wrong for windows without a positive value; use the backend cpu.",
  MaxPool3DGrad: "It loses the gradient of windows without a positive value; use the backend cpu.",
};

/** Registers all replacements for a backend that is the current one. */
export function registerReplacements(name: BackendName): void {
  registerSegmentSum(name);
  if (name !== "wasm") return;
  registerMatMul();
  for (const [kernelName, advice] of Object.entries(wrongOnWasm)) {
    replaceKernel(kernelName, name, () => {
      throw new ExpError(
        "environment",
        `The model uses ${kernelName}, which is not sound on wasm.`,
        {
          hint: advice,
        },
      );
    });
  }
}

/**
 * Missing on wasm; on cpu it passes over all values once a segment. It is the gradient of `tf.gather`: rows are added in
 * index order, so the sum never depends on anything else.
 */
function registerSegmentSum(name: BackendName): void {
  replaceKernel("UnsortedSegmentSum", name, ({ inputs, backend, attrs }) => {
    const memory = hostMemory(name, backend as KernelBackend);
    const { x, segmentIds } = inputs as Record<"x" | "segmentIds", TensorInfo>;
    const numEntries = Number(attrs?.["numSegments"]);
    const shape = x.shape.slice(segmentIds.shape.length);
    const result = memory.allocate([numEntries, ...shape]);
    const [rows, ids, target] = [memory.view(x), memory.view(segmentIds), memory.view(result)];
    if (!(
      rows instanceof Float32Array &&
      ids instanceof Int32Array &&
      target instanceof Float32Array
    )) {
      throw new InternalError("UnsortedSegmentSum takes float32 values and int32 ids");
    }
    addRows(rows, ids, { target, width: sizeOf(shape), numEntries });
    return result;
  });
}

function registerMatMul(): void {
  const matMul = createWasmMatMul(currentBackend());
  replaceKernel("BatchMatMul", "wasm", ({ inputs, backend, attrs }) => {
    const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
    const [transposeA, transposeB] = [
      attrs?.["transposeA"] === true,
      attrs?.["transposeB"] === true,
    ];
    return matMul({ a, b, transposeA, transposeB }, backend as KernelBackend);
  });
}
