import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { differentiable } from "../../../src/backend/differentiable.ts";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
  valuesOf,
} from "../../../src/backend/gradients.ts";
import { add, gelu, sum, tanh } from "../../../src/backend/operations.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { parameter, type Tensor } from "../../../src/backend/tensor.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";

const host = (values: Float32Array): HostTensor => ({
  dtype: "F32",
  shape: [values.length],
  values,
});

describe.each(["wasm", "cpu"] as const)("on %s", (name) => {
  beforeAll(async () => {
    await prepareBackend(name);
  });

  test("uploaded parameters do not change when the host tensors are overwritten", () => {
    const values = Float32Array.of(1, 2);
    const parameters = uploadParameters(new Map([["a", host(values)]]));
    values.fill(9);
    expect([...valuesOf(() => parameter(parameters, "a"))]).toEqual([1, 2]);
    disposeParameters(parameters);
  });

  test("gradients are copies of their own, also where two are equal", () => {
    const parameters = uploadParameters(
      new Map([
        ["a", host(Float32Array.of(1, 2))],
        ["b", host(Float32Array.of(3, 4))],
      ]),
    );
    const { value, gradients } = valueAndGradients(parameters, () =>
      sum(add(parameter(parameters, "a"), parameter(parameters, "b"))),
    );
    expect(value).toBe(10);
    gradients.get("a")?.values.fill(7);
    expect([...(gradients.get("b")?.values ?? [])]).toEqual([1, 1]);
    disposeParameters(parameters);
  });

  test("a parameter that is not used has a gradient of zeros", () => {
    const parameters = uploadParameters(
      new Map([
        ["used", host(Float32Array.of(0))],
        ["unused", host(Float32Array.of(3, 4))],
      ]),
    );
    const { gradients } = valueAndGradients(parameters, () =>
      sum(tanh(parameter(parameters, "used"))),
    );
    expect([...gradients].map(([key, { values }]) => [key, ...values])).toEqual([
      ["used", 1],
      ["unused", 0, 0],
    ]);
    disposeParameters(parameters);
  });

  test("nothing is left behind, not even by a computation that throws", () => {
    const before = tf.memory().numTensors;
    const parameters = uploadParameters(new Map([["a", host(Float32Array.of(1))]]));
    const a = parameter(parameters, "a");
    valueAndGradients(parameters, () => sum(tanh(a)));
    valuesOf(() => tanh(a));
    expect(() =>
      valuesOf(() => {
        tanh(a);
        throw new Error("stopped");
      }),
    ).toThrow("stopped");
    disposeParameters(parameters);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [
      "the computation throws",
      (a: Tensor): Tensor => {
        sum(gelu(tanh(a)));
        throw new Error("stopped");
      },
    ],
    [
      "the backward pass throws",
      (a: Tensor): Tensor =>
        sum(
          tanh(
            differentiable([gelu(a)], () => ({
              value: tf.mul(a, a),
              kept: { a },
              gradient: () => {
                throw new Error("stopped");
              },
            })),
          ),
        ),
    ],
    [
      "a computation inside of another throws",
      (a: Tensor): Tensor => {
        const kept = tanh(a);
        const inner = new Map([["a", a]]);
        expect(() =>
          valueAndGradients(inner, () => {
            gelu(a);
            throw new Error("inner");
          }),
        ).toThrow("inner");
        tanh(kept);
        throw new Error("stopped");
      },
    ],
  ])("nothing that operations keep is left behind where %s", (_name, compute) => {
    const before = tf.memory().numTensors;
    const parameters = uploadParameters(new Map([["a", host(Float32Array.of(1, 2))]]));
    const a = parameter(parameters, "a");
    const attempt = (): unknown => valueAndGradients(parameters, () => compute(a));
    expect(attempt).toThrow("stopped");
    expect(attempt).toThrow("stopped");
    const { gradients } = valueAndGradients(parameters, () => sum(add(a, a)));
    expect([...(gradients.get("a")?.values ?? [])]).toEqual([2, 2]);
    disposeParameters(parameters);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a loss that is no scalar is refused", () => {
    const parameters = uploadParameters(new Map([["a", host(Float32Array.of(1, 2))]]));
    expect(() => valueAndGradients(parameters, () => tanh(parameter(parameters, "a")))).toThrow(
      "a loss must be a scalar",
    );
    disposeParameters(parameters);
  });

  test("a name that the model lacks is our own bug", () => {
    expect(() => parameter(new Map(), "a")).toThrow("internal: the model has no parameter a");
  });
});
