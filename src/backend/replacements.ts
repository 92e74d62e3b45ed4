/**
 * Kernels of TensorFlow.js 4.22 that are wrong or far too slow, replaced by a sound one or by a clear refusal. The built-in
 * models need the matrix multiplication only; users' models may reach the others through `tf.*`.
 */
import { backend as currentBackend } from "@tensorflow/tfjs-core";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { ExpError } from "../core/errors.ts";
import type { BackendName } from "./choose.ts";
import { replaceKernel } from "./host-kernel.ts";
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
