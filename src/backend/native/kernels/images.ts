/** Convolution and the order of an image's values, by operations of the library; pooling and batch norm are lent by `wasm`. */
import * as direct from "../../direct-convolution.ts";
import * as convolution from "../../kernels/convolution.ts";
import type { Windows } from "../../kernels/windows.ts";
import type { OperationAttribute } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import { compose, type ComposedKernel, type Composition } from "../composition.ts";
import type { TensorId } from "../constants.ts";

function transposed(work: Composition, id: TensorId, order: readonly number[]): TensorId {
  return work.run("Transpose", [id, work.backend.integers(order)]);
}

/** From PyTorch's order of the weights, [out, in, rows, columns], to that of the library, and back. */
const [toLibrary, fromLibrary] = [
  [2, 3, 1, 0],
  [3, 2, 0, 1],
];

function settings(
  backend: NativeBackend,
  { stride, padding }: Windows,
): readonly OperationAttribute[] {
  const sides = [0, 0, padding, padding, padding, padding, 0, 0];
  return [
    backend.whole("strides", [1, stride, stride, 1]),
    backend.text("padding", "EXPLICIT"),
    backend.whole("explicit_paddings", sides),
  ];
}

const fastForward = compose(direct.directForward, ({ work, id, attributes }) => {
  const filter = transposed(work, id("weight"), toLibrary);
  return [work.run("Conv2D", [id("input"), filter], settings(work.backend, attributes))];
});

const fastInputGradient = compose(direct.directInputGradient, ({ work, id, attributes }) => {
  const { backend } = work;
  const inputs = [
    backend.integers(attributes.shape),
    transposed(work, id("weight"), toLibrary),
    id("outputGradient"),
  ];
  return [work.run("Conv2DBackpropInput", inputs, settings(backend, attributes))];
});

const fastWeightGradient = compose(direct.directWeightGradient, ({ work, id, attributes }) => {
  const { backend } = work;
  const [outputs = 0, channels = 0, rows = 0, columns = 0] = attributes.shape;
  const sizes = backend.integers([rows, columns, channels, outputs]);
  const inputs = [id("input"), sizes, id("outputGradient")];
  const gradient = work.run("Conv2DBackpropFilter", inputs, settings(backend, attributes));
  return [transposed(work, gradient, fromLibrary)];
});

/** All of them. */
export const imageKernels: readonly ComposedKernel[] = [
  fastForward,
  fastInputGradient,
  fastWeightGradient,
  compose(convolution.swapAxes, ({ work, id }) => [transposed(work, id("input"), [0, 2, 1])]),
];
