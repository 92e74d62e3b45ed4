import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { derive } from "../../../src/backend/backward.ts";
import { sum, tanh } from "../../../src/backend/operations.ts";
import { measurePeak } from "../../../src/backend/peak-memory.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import type { Tensor } from "../../../src/backend/tensor.ts";

/** The gradient of the sum of what `compute` makes of 1, 2, 3. */
function gradientOf(compute: (x: Tensor) => Tensor): readonly number[] {
  return tf.tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    const { gradients } = derive(
      () => sum(compute(x)),
      [x],
      (value) => tf.ones(value.shape),
    );
    return [...(gradients[0]?.dataSync() ?? [])];
  });
}

type Gradient = (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];

/** x + y with a gradient as users may write it. */
const plus = (x: Tensor, y: Tensor, gradient: Gradient): Tensor =>
  tf.customGrad((...args) => {
    const [a, b, save] = args as unknown[] as [Tensor, Tensor, (kept: Tensor[]) => void];
    save([tf.onesLike(a)]);
    return { value: tf.add(a, b), gradFunc: gradient };
  })(x, y);

describe.each(["wasm", "cpu"] as const)("on %s", (name) => {
  beforeAll(async () => {
    await prepareBackend(name);
  });

  test.each<[string, Gradient]>([
    ["the gradient of the result for both inputs", (dy) => [dy, dy]],
    ["one new tensor for both inputs", (dy) => Array<Tensor>(2).fill(tf.mul(dy, tf.scalar(1)))],
    ["a tensor that was kept", (_dy, [kept]) => [kept, kept].filter((one) => one !== undefined)],
  ])("an operation may give %s", (_what, gradient) => {
    expect(gradientOf((x) => plus(x, x, gradient))).toEqual([2, 2, 2]);
    const twice = (x: Tensor): Tensor => plus(plus(x, x, gradient), plus(x, x, gradient), gradient);
    expect(gradientOf(twice)).toEqual([4, 4, 4]);
  });

  test("a value that does not depend on an input has no gradient there", () => {
    tf.tidy(() => {
      const [x, y] = [tf.scalar(1), tf.scalar(2)];
      const { gradients } = derive(
        () => {
          tanh(y);
          return tanh(x);
        },
        [x, y],
        (value) => tf.ones(value.shape),
      );
      expect(gradients.map((one) => one === undefined)).toEqual([false, true]);
    });
  });

  test("an operation without a gradient is named", () => {
    const turned = (x: Tensor): Tensor =>
      tf.image.rotateWithOffset(tf.reshape<tf.Rank.R4>(x, [1, x.size, 1, 1]), 1);
    expect(() => gradientOf(turned)).toThrow("gradient function not found for RotateWithOffset");
    tf.engine().state.activeTape = [];
  });

  test("a gradient of another shape is refused", () => {
    expect(() => gradientOf((x) => plus(x, x, () => [tf.scalar(1), tf.scalar(1)]))).toThrow(
      "The gradient of '0' is float32 [], expected float32 [3]",
    );
    tf.engine().state.activeTape = [];
  });

  // On cpu TensorFlow.js counts what shares memory as often as it is shared.
  test.runIf(name === "wasm")("a gradient is given back after its last use", async () => {
    const size = 100_000;
    const peakOf = async (length: number): Promise<number> => {
      const { numPeakBytes } = await measurePeak(() =>
        tf.tidy(() => {
          const x = tf.zeros([size]);
          const chain = (): Tensor => {
            let value: Tensor = x;
            for (let i = 0; i < length; i++) value = tanh(value);
            return sum(value);
          };
          derive(chain, [x], (value) => tf.ones(value.shape));
          return 0;
        }),
      );
      return numPeakBytes / (size * 4);
    };
    const perOperation = ((await peakOf(30)) - (await peakOf(10))) / 20;
    expect(perOperation).toBeLessThan(1.3); // what it keeps, and not a gradient each beside it
  });
});
