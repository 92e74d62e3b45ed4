/** Dense layers with bias and activation in the same pass, and their gradients. */
import { getKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { dense, denseGradient } from "../../kernels/dense.ts";
import { replaceKernel } from "../../host-kernel.ts";
import { axisSize, sizeOf } from "../../tensor.ts";
import { accelerate, type FastCall, type FastKernel } from "../fast-kernel.ts";
import type { Address } from "../memory.ts";
import { withGradientBefore } from "./before-activation.ts";
import { contiguous, multiply } from "./multiply.ts";

const denseWithInputs: FastKernel = accelerate(dense, (call) => {
  const [rows, inner] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const columns = axisSize(call.shape("weight"), 0);
  const { activation } = call.attributes;
  const hasTwo = activation === "gelu";
  multiply(call, {
    left: contiguous(call.address("input"), { rows, columns: inner }),
    right: contiguous(call.address("weight"), { rows: inner, columns, isTransposed: true }),
    result: contiguous(call.output(hasTwo ? 1 : 0), { rows, columns }),
    rows,
    columns,
    inner,
    numMatrices: 1,
    groupSize: 1,
    bias: call.address("bias"),
    activation,
    activated: hasTwo ? call.output(0) : 0,
  });
});

const gradientWithInputs: FastKernel = accelerate(denseGradient, (call) => {
  withGradientBefore(call, (gradient) => multiplyGradient(call, gradient));
});

type GradientCall = FastCall<"input" | "weight", Parameters<typeof denseGradient.call>[1]>;

/** From the gradient before the activation. */
function multiplyGradient(call: GradientCall, gradient: Address): void {
  const { ofInput, ofBias } = call.attributes;
  const [rows, inner] = [axisSize(call.shape("input"), 0), axisSize(call.shape("input"), 1)];
  const outputs = axisSize(call.shape("weight"), 0);
  const single = { numMatrices: 1, groupSize: 1 };
  if (ofInput) {
    multiply(call, {
      ...single,
      left: contiguous(gradient, { rows, columns: outputs }),
      right: contiguous(call.address("weight"), { rows: outputs, columns: inner }),
      result: contiguous(call.output(1), { rows, columns: inner }),
      rows,
      inner: outputs,
      columns: inner,
    });
  }
  multiply(call, {
    ...single,
    left: contiguous(gradient, { rows: outputs, columns: rows, isTransposed: true }),
    right: contiguous(call.address("input"), { rows, columns: inner }),
    result: contiguous(call.output(0), { rows: outputs, columns: inner }),
    rows: outputs,
    inner: rows,
    columns: inner,
    leftSums: ofBias ? call.output(2) : 0,
  });
}

/** Without rows, inputs or outputs there is nothing to multiply, and the loop gives the bias, or zeros. */
function unlessEmpty(
  { definition }: { definition: { readonly name: string } },
  fastKernel: FastKernel,
): FastKernel {
  return (backend) => {
    const name = `Lockstep${definition.name}`;
    const loop = getKernel(name, "wasm").kernelFunc;
    fastKernel(backend);
    const fast = getKernel(name, "wasm").kernelFunc;
    replaceKernel(name, "wasm", (call) => {
      const { input, weight } = call.inputs as Record<"input" | "weight", TensorInfo>;
      const isEmpty = sizeOf(input.shape) === 0 || sizeOf(weight.shape) === 0;
      return isEmpty ? loop(call) : fast(call);
    });
  };
}

/** Both kernels. */
export const fastDense: readonly FastKernel[] = [
  unlessEmpty(dense, denseWithInputs),
  unlessEmpty(denseGradient, gradientWithInputs),
];
