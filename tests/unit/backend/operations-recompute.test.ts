import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
} from "../../../src/backend/gradients.ts";
import { recomputed } from "../../../src/backend/operations-recompute.ts";
import { add, dense, dropout, gelu, sum, tanh } from "../../../src/backend/operations.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { parameter, type Parameters, type Tensor } from "../../../src/backend/tensor.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";
import { createStreams } from "../../../src/random/streams.ts";

/** Of a matrix or a vector: irregular values around 0. */
function tensorOf(shape: readonly number[], offset: number): HostTensor {
  const length = shape.reduce((product, one) => product * one, 1);
  const values = Float32Array.from({ length }, (_, i) => ((37 * i + offset) % 101) / 50 - 1);
  return { dtype: "F32", shape, values };
}

const host = new Map([
  ["input", tensorOf([4, 4], 1)],
  ["1.weight", tensorOf([4, 4], 20)],
  ["1.bias", tensorOf([4], 30)],
  ["1.unused", tensorOf([2], 0)],
  ["2.weight", tensorOf([4, 4], 40)],
  ["2.bias", tensorOf([4], 50)],
]);

const site = {
  rate: 0.5,
  stream: createStreams(3).stream("dropout/here"),
  step: 2,
  position: 0,
  numExamples: 4,
} as const;

/** A part with a residual, a dropout, and parameters that have two uses. */
function part(input: Tensor, parameters: Parameters): Tensor {
  const of = (end: string) => {
    const name = [...parameters.keys()].find((key) => key.endsWith(end)) ?? "";
    return parameter(parameters, name);
  };
  const layer = { weight: of("weight"), bias: of("bias") };
  return add(input, tanh(dense(dropout(gelu(dense(input, layer)), site), layer)));
}

type Part = typeof part;

const checkpointed: Part = (input, parameters) => recomputed(input, parameters, part);
/** A part in a part: the backward pass inside of a backward pass has one of its own. */
const nested: Part = (input, parameters) => recomputed(input, parameters, checkpointed);

describe.each(["wasm", "cpu"] as const)("on %s", (name) => {
  beforeAll(async () => {
    await prepareBackend(name);
  });

  function twoParts(compute: Part) {
    const parameters = uploadParameters(host);
    try {
      return valueAndGradients(parameters, () => {
        const own = (part: string) =>
          new Map([...parameters].filter(([key]) => key.startsWith(part)));
        const first = compute(parameter(parameters, "input"), own("1."));
        return sum(gelu(compute(first, own("2."))));
      });
    } finally {
      disposeParameters(parameters);
    }
  }

  test.each([
    ["once", checkpointed],
    ["in itself", nested],
  ])("recomputed %s, value and gradients have the same bits", (_how, compute) => {
    const [plain, actual] = [twoParts(part), twoParts(compute)];
    expect(actual).toEqual(plain);
    expect([...(plain.gradients.get("1.weight")?.values ?? [])].some((value) => value !== 0)).toBe(
      true,
    );
    expect([...(actual.gradients.get("1.unused")?.values ?? [])]).toEqual([0, 0]);
  });

  test("no tensor is left over", () => {
    const before = tf.memory().numTensors;
    twoParts(nested);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("nor where computing once more fails", () => {
    const before = tf.memory().numTensors;
    let numCalls = 0;
    const failing: Part = (input, parameters) =>
      recomputed(input, parameters, (given, others) => {
        const computed = part(given, others);
        if (++numCalls === 3) throw new Error("the third call"); // the first of the backward pass
        return computed;
      });
    expect(() => twoParts(failing)).toThrow("the third call");
    expect(tf.memory().numTensors).toBe(before);
    expect(twoParts(checkpointed)).toEqual(twoParts(part));
  });
});
