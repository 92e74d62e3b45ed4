/** Kernels of TensorFlow.js 4.22 whose results are wrong: refused, with what to write instead. Models reach them through
 *  `tf.*` only. */
import { ExpError } from "../core/errors.ts";
import type { BackendName } from "./choose.ts";
import { replaceKernel } from "./host-kernel.ts";

const wrongOnWasm: Readonly<Record<string, string>> = {
  _FusedMatMul: "With a bias it is wrong; use tf.matMul and tf.add.",
  MaxPoolGrad:
    "It loses the gradient of windows without a positive value; use maxPool2d of lockstep/operations/image.",
  MaxPool3D: "It is wrong for windows without a positive value; use the backend cpu.",
  MaxPool3DGrad: "It loses the gradient of windows without a positive value; use the backend cpu.",
};

/** Makes wrong kernels throw instead of training on garbage. */
export function refuseWrongKernels(name: BackendName): void {
  if (name !== "wasm") return;
  for (const [kernelName, hint] of Object.entries(wrongOnWasm)) {
    replaceKernel(kernelName, name, () => {
      const message = `The model uses ${kernelName}, whose results are wrong on wasm.`;
      throw new ExpError("environment", message, { hint });
    });
  }
}
