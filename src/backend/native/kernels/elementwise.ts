/** Activations with their gradients, by operations of the library; masks of dropout are drawn here, never there. */
import * as elementwise from "../../kernels/elementwise.ts";
import type { DropoutMask } from "../../kernels/elementwise.ts";
import type { TensorId } from "../backend.ts";
import { compose, type ComposedKernel, type Composition } from "../composition.ts";
import { withDrawnMask } from "./lent.ts";

const rootOfHalf = Math.SQRT1_2;
/** 1/√(2π). */
const density = 0.3989422804014327;

/** Φ(x) = erfc(−x/√2)/2: the error function near 1 would lose the digits of its complement. */
function distributionOf(work: Composition, input: TensorId): TensorId {
  const { backend } = work;
  const argument = work.run("Mul", [input, backend.scalar(-rootOfHalf)]);
  return work.run("Mul", [work.run("Erfc", [argument]), backend.scalar(0.5)]);
}

/** Φ(x) + x·φ(x). */
function slopeOf(work: Composition, x: TensorId, distribution: TensorId): TensorId {
  const { backend } = work;
  const exponent = work.run("Mul", [work.run("Square", [x]), backend.scalar(-0.5)]);
  const bell = work.run("Mul", [work.run("Exp", [exponent]), backend.scalar(density)]);
  return work.run("AddV2", [distribution, work.run("Mul", [x, bell])]);
}

/** x·Φ(x) and its derivative. */
export function geluWithSlope(work: Composition, x: TensorId): readonly [TensorId, TensorId] {
  const distribution = distributionOf(work, x);
  return [work.run("Mul", [x, distribution]), slopeOf(work, x, distribution)];
}

const fastGeluGradient = compose(elementwise.geluGradient, ({ work, id }) => {
  const slope = slopeOf(work, id("kept"), distributionOf(work, id("kept")));
  return [work.run("Mul", [slope, id("outputGradient")])];
});

/** The mask, with the bits of every backend. */
export function maskValues(work: Composition, attributes: DropoutMask): TensorId {
  return withDrawnMask(work.backend.keeper, attributes, (values) =>
    work.copied(values, attributes.shape),
  );
}

/** All of them. */
export const elementwiseKernels: readonly ComposedKernel[] = [
  compose(elementwise.gelu, ({ work, id }) => [
    work.run("Mul", [id("input"), distributionOf(work, id("input"))]),
  ]),
  fastGeluGradient,
  compose(elementwise.relu, ({ work, id }) => [work.run("Relu", [id("input")])]),
  compose(elementwise.reluGradient, ({ work, id }) => [
    work.run("ReluGrad", [id("outputGradient"), id("kept")]),
  ]),
  compose(elementwise.tanhForward, ({ work, id }) => [work.run("Tanh", [id("input")])]),
  compose(elementwise.tanhGradient, ({ work, id }) => [
    work.run("TanhGrad", [id("kept"), id("outputGradient")]),
  ]),
  compose(elementwise.dropout, ({ work, id, attributes }) => {
    const mask = maskValues(work, attributes);
    return [work.run("Mul", [id("input"), mask]), mask];
  }),
];
