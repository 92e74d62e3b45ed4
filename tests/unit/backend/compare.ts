/** Helpers shared by the tests of backends: comparing lists of numbers, and gradients of tensors by position. */
import { expect } from "vitest";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
} from "../../../src/backend/gradients.ts";
import type { Shape, Tensor } from "../../../src/backend/tensor.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";

/** As a share of the largest expected value; see `contract/backend.ts` for the reason. */
const usualTolerance = 2e-5;

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = usualTolerance,
): void {
  expect(actual.length).toBe(expected.length);
  let [largest, worst] = [1, 0];
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] ?? NaN;
    const distance = Math.abs((actual[i] ?? NaN) - value);
    largest = Math.max(largest, Math.abs(value));
    worst = Math.max(worst, distance); // NaN stays
  }
  expect(worst / largest).toBeLessThan(tolerance);
}

/** The gradients of `compute` with respect to each input, in their order. */
export function gradientsOf(
  inputs: readonly { readonly values: readonly number[]; readonly shape: Shape }[],
  compute: (tensors: readonly Tensor[]) => Tensor,
): readonly ArrayLike<number>[] {
  const host = new Map(
    inputs.map(({ values, shape }, index): [string, HostTensor] => [
      String(index),
      { dtype: "F32", shape, values: Float32Array.from(values) },
    ]),
  );
  const parameters = uploadParameters(host);
  const { gradients } = valueAndGradients(parameters, () => compute([...parameters.values()]));
  disposeParameters(parameters);
  return [...gradients.values()].map(({ values }) => values);
}
