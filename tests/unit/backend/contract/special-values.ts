/** NaN, limits, and inputs that are refused. */
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
  valuesOf,
} from "../../../../src/backend/gradients.ts";
import { softmaxCrossEntropy } from "../../../../src/backend/operations-loss.ts";
import * as operations from "../../../../src/backend/operations.ts";
import { parameter, type Tensor } from "../../../../src/backend/tensor.ts";
import { matrix } from "../reference.ts";
import { samples } from "./samples.ts";

/** What a run that diverges, or a wrong batch, must show. */
export function describeSpecialValues(): void {
  const row = (...values: number[]): Tensor =>
    operations.constant(Float32Array.from(values), [1, values.length]);

  test("NaN stays NaN in every activation", () => {
    for (const activation of [operations.relu, operations.gelu, operations.tanh]) {
      expect([...valuesOf(() => activation(row(NaN, 1)))]).toEqual([NaN, expect.any(Number)]);
    }
  });

  test("activations have their limits far from 0", () => {
    const [least = NaN, small = NaN, ...rest] = valuesOf(() =>
      operations.gelu(row(-100, -8, 0, 8, 100)),
    );
    expect(least).toBe(-0);
    expect(Math.abs(small)).toBeLessThan(1e-14); // the value is -5e-15
    expect(rest).toEqual([0, 8, 100]);
    expect([...valuesOf(() => operations.tanh(row(-100, 0, 100)))]).toEqual([-1, 0, 1]);
  });

  test("a row whose variance overflows is NaN or right, and never 0", () => {
    const norm = { gain: tf.ones([4]), bias: tf.zeros([4]), epsilon: 1e-5 };
    const found = valuesOf(() => operations.layerNorm(row(1e20, 2e20, -1e20, 0), norm));
    const right = [0.4472136, 1.3416408, -1.3416408, -0.4472136]; // (x − 0.5)/√1.25, from x in 10²⁰
    const wrong = [...found].filter(
      (value, index) => !Number.isNaN(value) && !(Math.abs(value - (right[index] ?? NaN)) < 1e-6),
    );
    expect(wrong).toEqual([]);
  });

  test("a loss of huge logits is finite and exact", () => {
    const loss = (label: number): number | undefined =>
      valuesOf(() =>
        softmaxCrossEntropy(row(1e4, -1e4), Int32Array.of(label), {
          labelSmoothing: 0,
          divisor: 1,
        }),
      )[0];
    expect(loss(0)).toBe(0);
    expect(loss(1)).toBe(20_000);
  });

  test("a loss over NaN is NaN, so that a diverged run is seen", () => {
    const options = { labelSmoothing: 0, divisor: 1 };
    const loss = valuesOf(() => softmaxCrossEntropy(row(NaN, 0), Int32Array.of(0), options));
    expect([...loss]).toEqual([NaN]);
  });

  test("losses of micro-batches add up to the loss of the whole batch", () => {
    const [logits = matrix(0, 0, () => 0)] = samples("loss/parts", [[6, 3]]);
    const labels = Int32Array.of(0, 1, 2, 2, 1, 0);
    const options = { labelSmoothing: 0.1, divisor: 6 };
    const loss = (from: number, to: number): number => {
      const values = Float32Array.from(logits.values.slice(3 * from, 3 * to));
      const input = (): Tensor => operations.constant(values, [to - from, 3]);
      return (
        valuesOf(() => softmaxCrossEntropy(input(), labels.slice(from, to), options))[0] ?? NaN
      );
    };
    expect(loss(0, 2) + loss(2, 6)).toBeCloseTo(loss(0, 6), 6);
  });

  test.each([["none", [1, -2, 3]] as const, ["relu", [1, 0, 3]] as const])(
    "a dense layer over no inputs gives its bias, with the activation %s",
    (activation, expected) => {
      const layer = { weight: tf.zeros([3, 0]), bias: tf.tensor1d([1, -2, 3]) };
      const values = valuesOf(() =>
        operations.dense(tf.zeros([2, 0]), {
          ...layer,
          ...(activation === "relu" && { activation }),
        }),
      );
      expect([...values]).toEqual([...expected, ...expected]);
    },
  );

  test("a dense layer over no inputs gives its bias after GELU, and its gradient", () => {
    const bias = { dtype: "F32", shape: [2], values: Float32Array.of(0, 1) } as const;
    const uploaded = uploadParameters(new Map([["bias", bias]]));
    const { value, gradients } = valueAndGradients(uploaded, () =>
      operations.sum(
        operations.dense(tf.zeros([3, 0]), {
          weight: tf.zeros([2, 0]),
          bias: parameter(uploaded, "bias"),
          activation: "gelu",
        }),
      ),
    );
    disposeParameters(uploaded);
    expect(value).toBeCloseTo(3 * 0.8413447, 5); // 1·Φ(1)
    const [slopes = []] = [...gradients.values()].map(({ values }) => [...values]);
    expect(slopes[0]).toBeCloseTo(3 * 0.5, 5); // Φ(0)
    expect(slopes[1]).toBeCloseTo(3 * (0.8413447 + 0.2419707), 5); // Φ(1) + φ(1)
  });

  test("tf.reshape to another number of values is refused", () => {
    for (const shape of [[100], [4, -1]]) {
      expect(() => valuesOf(() => tf.reshape(tf.zeros([2, 3]), shape))).toThrow(
        /expected as many values as in|must match the product|can't be a fractional/,
      );
    }
  });

  test("an id outside of the table is refused", () => {
    const lookUp = (id: number): Float32Array =>
      valuesOf(() =>
        operations.embedding(operations.constant(new Float32Array(6), [3, 2]), Int32Array.of(id)),
      );
    expect(() => lookUp(3)).toThrow("embedding: ids holds 3; expected 0 to 2");
    expect(() => lookUp(-1)).toThrow("embedding: ids holds -1; expected 0 to 2");
  });

  test("a label outside of the classes is refused", () => {
    const options = { labelSmoothing: 0, divisor: 1 };
    expect(() => valuesOf(() => softmaxCrossEntropy(row(0, 1), Int32Array.of(2), options))).toThrow(
      "softmaxCrossEntropy: labels holds 2; expected 0 to 1",
    );
  });
}
