/** What the kernels over images give beside the loops that they replace, in many pieces and with several threads. */
import { describe, expect, test } from "vitest";
import * as norm from "../../../../../src/backend/kernels/batch-norm.ts";
import * as convolution from "../../../../../src/backend/kernels/convolution.ts";
import * as pooling from "../../../../../src/backend/kernels/image-pooling.ts";
import { windowedShape, type Windows } from "../../../../../src/backend/kernels/windows.ts";
import type { HostKernel } from "../../../../../src/backend/host-kernel.ts";
import { sizeOf, type Shape } from "../../../../../src/backend/tensor.ts";
import { expectClose } from "../../compare.ts";
import { floatsFrom } from "../parts.ts";
import { bitsOf, outputsOf, type Values } from "./both.ts";

function filled(shape: Shape): Values {
  return { values: floatsFrom(sizeOf(shape)), shape };
}

/** With the bits of one thread and of three compared. */
async function fastOutputs<Input extends string, Attributes extends object>(
  kernel: HostKernel<Input, Attributes>,
  call: { readonly inputs: Readonly<Record<Input, Values>>; readonly attributes: Attributes },
): Promise<readonly Float32Array[]> {
  const alone = await outputsOf({ backend: "wasm", threads: 1 }, kernel, call);
  const shared = await outputsOf({ backend: "wasm", threads: 3 }, kernel, call);
  expect(bitsOf(shared)).toEqual(bitsOf(alone));
  return alone;
}

/** The bits of the loop. */
async function expectSame<Input extends string, Attributes extends object>(
  kernel: HostKernel<Input, Attributes>,
  call: { readonly inputs: Readonly<Record<Input, Values>>; readonly attributes: Attributes },
): Promise<void> {
  const expected = await outputsOf({ backend: "cpu", threads: 1 }, kernel, call);
  expect(bitsOf(await fastOutputs(kernel, call))).toEqual(bitsOf(expected));
}

async function expectNear<Input extends string, Attributes extends object>(
  kernel: HostKernel<Input, Attributes>,
  call: { readonly inputs: Readonly<Record<Input, Values>>; readonly attributes: Attributes },
): Promise<void> {
  const expected = await outputsOf({ backend: "cpu", threads: 1 }, kernel, call);
  const actual = await fastOutputs(kernel, call);
  expect(actual).toHaveLength(expected.length);
  for (const [index, values] of actual.entries()) expectClose(values, [...(expected[index] ?? [])]);
}

const cases: readonly (readonly [image: readonly [number, number, number, number], Windows])[] = [
  [[5, 17, 19, 9], { windowHeight: 3, windowWidth: 3, stride: 1, padding: 1 }],
  [[3, 21, 16, 32], { windowHeight: 3, windowWidth: 2, stride: 2, padding: 1 }],
  [[9, 28, 28, 1], { windowHeight: 5, windowWidth: 5, stride: 1, padding: 2 }],
  [[4, 31, 18, 3], { windowHeight: 2, windowWidth: 2, stride: 3, padding: 0 }],
  [[4, 31, 18, 8], { windowHeight: 2, windowWidth: 2, stride: 3, padding: 0 }],
  [[2, 30, 29, 12], { windowHeight: 2, windowWidth: 2, stride: 2, padding: 0 }],
  [[9, 28, 28, 1], { windowHeight: 3, windowWidth: 3, stride: 1, padding: 1 }],
  [[5, 9, 7, 1], { windowHeight: 2, windowWidth: 2, stride: 1, padding: 0 }],
  [[3, 16, 16, 12], { windowHeight: 16, windowWidth: 16, stride: 1, padding: 0 }],
];

describe.each(cases)("images of %o under %o", (imageShape, windows) => {
  const input = filled(imageShape);
  const pooled = windowedShape(imageShape, windows);
  const [batch, rows, columns, channels] = pooled;
  const windowSize = windows.windowHeight * windows.windowWidth * channels;

  test("windows become the rows of the loop", async () => {
    await expectSame(convolution.imageToColumns, { inputs: { input }, attributes: windows });
  });

  test("rows are added back as in the loop, but for rounding", async () => {
    const inputs = { columns: filled([batch * rows * columns, windowSize]) };
    await expectNear(convolution.columnsToImage, {
      inputs,
      attributes: { ...windows, imageShape },
    });
  });

  test("pooling and its gradients have the bits of the loops", async () => {
    const attributes = { ...windows, imageShape };
    await expectSame(pooling.averagePool, { inputs: { input }, attributes: windows });
    await expectSame(pooling.maxPool, { inputs: { input }, attributes: windows });
    const outputGradient = filled(pooled);
    await expectSame(pooling.averagePoolGradient, { inputs: { outputGradient }, attributes });
    const numPixels = windows.windowHeight * windows.windowWidth;
    const numbers = floatsFrom(sizeOf(pooled)).map((_, index) => (index * 7) % numPixels);
    const winners = { values: numbers, shape: pooled };
    await expectSame(pooling.maxPoolGradient, { inputs: { winners, outputGradient }, attributes });
  });
});

test("the largest of equal, signed and missing numbers is that of the loop", async () => {
  const numbers = [0, -0, NaN, 1, 1, -Infinity, Infinity, -1];
  const shape = [2, 12, 12, 5];
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
    return numbers[(index * index + (index >> 3)) % numbers.length] ?? 0;
  });
  const attributes = { windowHeight: 2, windowWidth: 2, stride: 1, padding: 1 };
  await expectSame(pooling.maxPool, { inputs: { input: { values, shape } }, attributes });
});

test.each([[[1, 1, 1]], [[3, 17, 9]], [[40, 32, 9]], [[2, 50, 1029]], [[5, 3, 784]]])(
  "axes of %o are swapped as by the loop",
  async (shape) => {
    await expectSame(convolution.swapAxes, { inputs: { input: filled(shape) }, attributes: {} });
  },
);

// More rows than a block of statistics has.
describe.each([[[700, 8]], [[2, 30, 20, 5]], [[3, 17, 11, 70]], [[257, 1]]])(
  "the norm of channels over %o",
  (shape) => {
    const list = [shape.at(-1) ?? 0];
    const [input, gain, bias] = [filled(shape), filled(list), filled(list)];
    const variance = { values: floatsFrom(list[0] ?? 0).map((x) => x * x + 0.25), shape: list };
    const inputs = { input, gain, mean: bias, scale: variance, outputGradient: filled(shape) };

    test("is that of the loops, but for rounding, for any number of threads", async () => {
      const attributes = { epsilon: 1e-5 };
      await expectNear(norm.batchNormForward, { inputs: { input, gain, bias }, attributes });
      const fixed = { input, gain, bias, mean: bias, variance };
      await expectNear(norm.fixedNormForward, { inputs: fixed, attributes });
      await expectNear(norm.batchNormBackward, { inputs, attributes: {} });
      await expectNear(norm.fixedNormBackward, { inputs, attributes: {} });
    });
  },
);

test("the variance of channels far from 0 is no rounding error", async () => {
  const shape = [1000, 4];
  const values = Float32Array.from(
    { length: 4000 },
    (_, index) => 10_000 + (index % 8 < 4 ? 1 : -1),
  );
  const input = { values, shape };
  const [gain, bias] = [filled([4]), filled([4])];
  const call = { inputs: { input, gain, bias }, attributes: { epsilon: 1e-5 } };
  const [, mean = [], , variance = []] = await fastOutputs(norm.batchNormForward, call);
  expect([...mean]).toEqual([10_000, 10_000, 10_000, 10_000]);
  expectClose([...variance], Array(4).fill(1000 / 999));
});
