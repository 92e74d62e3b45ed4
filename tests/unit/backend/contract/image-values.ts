/** Ties, padding, statistics, shapes that do not fit, and no images at all. */
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import * as images from "../../../../src/backend/operations-image.ts";
import { constant, sum } from "../../../../src/backend/operations.ts";
import { sizeOf, type Shape, type Tensor } from "../../../../src/backend/tensor.ts";
import { expectClose, gradientsOf } from "../compare.ts";
import { channelStatistics } from "../reference-image.ts";
import { pick } from "./operation-case.ts";
import { floatSamples } from "./samples.ts";

/** What the cases over odd shapes do not show. */
export function describeImageValues(tolerance: number): void {
  describePooling();
  describeBatchNorm(tolerance);
  describeShapes();
}

function tensorOf(values: readonly number[], shape: Shape): Tensor {
  return constant(Float32Array.from(values), shape);
}
const pairs = { size: 2, stride: 2, padding: 0 };

function describePooling(): void {
  test("a maximum of equal values gives its gradient to the first", () => {
    const input = { values: [3, 3, 3, 3], shape: [1, 2, 2, 1] };
    const [gradient = []] = gradientsOf([input], ([x = tf.zeros([])]) =>
      sum(images.maxPool2d(x, pairs)),
    );
    expect(Array.from(gradient)).toEqual([1, 0, 0, 0]);
  });

  test("windows without a positive value have their maximum, also beside padding", () => {
    const sizes = { size: 3, stride: 1, padding: 1 };
    const input = { values: [-4, -1, -2, -3], shape: [1, 2, 2, 1] };
    const largest = valuesOf(() => images.maxPool2d(tensorOf(input.values, input.shape), sizes));
    expect([...largest]).toEqual([-1, -1, -1, -1]);
    const [gradient = []] = gradientsOf([input], ([x = tf.zeros([])]) =>
      sum(images.maxPool2d(x, sizes)),
    );
    expect(Array.from(gradient)).toEqual([0, 4, 0, 0]);
  });

  test("NaN stays NaN, wherever it lies in the window", () => {
    for (const place of [0, 1, 2, 3]) {
      const values = [1, 2, 3, 4].map((value, index) => (index === place ? NaN : value));
      const input = tensorOf(values, [1, 2, 2, 1]);
      expect([...valuesOf(() => images.maxPool2d(input, pairs))]).toEqual([NaN]);
      expect([...valuesOf(() => images.averagePool2d(input, pairs))]).toEqual([NaN]);
      input.dispose();
    }
  });
}

function describeBatchNorm(tolerance: number): void {
  const layer = (): { gain: Tensor; bias: Tensor; epsilon: number } => ({
    gain: tensorOf([1, 1], [2]),
    bias: tensorOf([0, 0], [2]),
    epsilon: 1e-5,
  });

  test("tells the mean and the unbiased variance of the batch", () => {
    const values = [...floatSamples("images/statistics", [3, 2, 1, 2])];
    const told: images.BatchStatistics[] = [];
    valuesOf(() =>
      images.batchNorm(tensorOf(values, [3, 2, 1, 2]), {
        ...layer(),
        observe: (statistics) => told.push(statistics),
      }),
    );
    const expected = channelStatistics(values, 2);
    expectClose(
      told[0]?.mean ?? [],
      expected.map(({ mean }) => mean),
      tolerance,
    );
    expectClose(
      told[0]?.variance ?? [],
      expected.map(({ unbiased }) => unbiased),
      tolerance,
    );
  });

  test("equal values become the bias, far from 0 as well", () => {
    const far = valuesOf(() => images.batchNorm(tensorOf(Array(6).fill(1e6), [3, 2]), layer()));
    expect([...far]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("a single value a channel is refused with the way out", () => {
    const attempt = (): Float32Array =>
      valuesOf(() => images.batchNorm(tensorOf([1, 2], [1, 1, 1, 2]), layer()));
    expect(attempt).toThrow("[1, 1, 1, 2] has fewer than two values a channel");
  });

  test("one NaN makes its channel NaN and no other", () => {
    const values = valuesOf(() => images.batchNorm(tensorOf([NaN, 1, 2, 2], [2, 2]), layer()));
    expect([...values].map(Number.isNaN)).toEqual([true, false, true, false]);
  });
}

function describeShapes(): void {
  const weight = (shape: Shape): Tensor => tensorOf(Array(sizeOf(shape)).fill(1), shape);
  const whole = { stride: 1, padding: 0 };

  test("no images give no values, and gradients of 0", () => {
    const none = { values: [], shape: [0, 4, 4, 2] };
    const kernel = { values: Array<number>(24).fill(1), shape: [3, 2, 2, 2] };
    const gradients = gradientsOf([none, kernel], ([input = tf.zeros([]), own = tf.zeros([])]) => {
      const convolved = images.convolution2d(input, { weight: own, ...whole });
      expect(convolved.shape).toEqual([0, 3, 3, 3]);
      return sum(images.averagePool2d(images.maxPool2d(convolved, pairs), { ...pairs, size: 1 }));
    });
    expect(gradients.map((values) => Array.from(values))).toEqual([[], Array(24).fill(0)]);
  });

  test("a constant image spares its gradient, and the weights have theirs", () => {
    const kernel = { values: [1, 2, 3, 4], shape: [1, 1, 2, 2] };
    const [gradient = []] = gradientsOf([kernel], ([own = tf.zeros([])]) => {
      const input = tensorOf([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
      return sum(images.convolution2d(input, { weight: own, ...whole, isInputConstant: true }));
    });
    expect(Array.from(gradient)).toEqual([3, 5, 9, 11]);
  });

  test.each([
    [
      [1, 2, 2, 1],
      [1, 1, 3, 3],
      "images of 2 × 2 with 0 around them; expected at least a window of 3 × 3",
    ],
    [
      [1, 4, 4, 2],
      [1, 1, 3, 3],
      "input has the shape [1, 4, 4, 2]; expected [batch, height, width, 1]",
    ],
    [[4, 4, 2], [1, 2, 3, 3], "input has the shape [4, 4, 2]; expected [batch, height, width, 2]"],
  ])("a convolution of %o by %o is refused", (shape, weightShape, message) => {
    const attempt = (): Float32Array =>
      valuesOf(() =>
        images.convolution2d(weight(shape), { weight: weight(weightShape), ...whole }),
      );
    expect(attempt).toThrow(message);
  });

  test("padding of more than half a window is refused", () => {
    const attempt = (): Float32Array =>
      valuesOf(() => images.maxPool2d(weight([1, 4, 4, 1]), { ...pairs, padding: 2 }));
    expect(attempt).toThrow("maxPool2d: padding is 2; expected at most half of a window of 2");
  });

  test("passes leave no tensor behind", () => {
    const before = tf.memory().numTensors;
    const image = { values: [...floatSamples("images/leak", [2, 4, 4, 1])], shape: [2, 4, 4, 1] };
    gradientsOf([image], (inputs) => {
      const convolved = images.convolution2d(pick(inputs, 0), {
        weight: weight([2, 1, 3, 3]),
        ...whole,
      });
      const gain = tensorOf([1, 1], [2]);
      const normal = images.batchNorm(convolved, { gain, bias: gain, epsilon: 1e-5 });
      return sum(images.maxPool2d(normal, pairs));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
}
