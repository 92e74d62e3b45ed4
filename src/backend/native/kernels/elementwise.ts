/** Activations with their gradients, by operations of the library; masks of dropout are drawn here, never there. */
import * as elementwise from "../../kernels/elementwise.ts";
import type { DropoutMask } from "../../kernels/elementwise.ts";
import { compose, type ComposedKernel, type Composition } from "../composition.ts";
import type { TensorId } from "../constants.ts";
import { withDrawnMask } from "./lent.ts";

const rootOfHalf = Math.SQRT1_2;
/** 1/√(2π). */
const density = 0.3989422804014327;

/** Of an x: −x/√2, and Φ(x) = erfc(−x/√2)/2. The error function near 1 would lose the digits of its complement. */
interface Distribution {
  readonly argument: TensorId;
  readonly value: TensorId;
}

function distributionOf(work: Composition, x: TensorId): Distribution {
  const { backend } = work;
  const argument = work.run("Mul", [x, backend.scalar(-rootOfHalf)]);
  const value = work.run("Mul", [work.run("Erfc", [argument]), backend.scalar(0.5)]);
  return { argument, value };
}

/** Φ(x) + x·φ(x), where φ(x) = 1/(√(2π)·exp(x²/2)): by a division, which spares a pass over the values. */
function slopeOf(work: Composition, x: TensorId, { argument, value }: Distribution): TensorId {
  const growth = work.run("Exp", [work.run("Square", [argument])]);
  const weighted = work.run("Mul", [x, work.backend.scalar(density)]);
  return work.run("AddV2", [value, work.run("Div", [weighted, growth])]);
}

/** x·Φ(x) and its derivative. */
export function geluWithSlope(work: Composition, x: TensorId): readonly [TensorId, TensorId] {
  const distribution = distributionOf(work, x);
  return [work.run("Mul", [x, distribution.value]), slopeOf(work, x, distribution)];
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
    work.run("Mul", [id("input"), distributionOf(work, id("input")).value]),
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
