import { beforeAll, describe, expect, test } from "vitest";
import { valuesOf } from "../../../src/backend/gradients.ts";
import { defineKernel } from "../../../src/backend/host-kernel.ts";
import { constant, integers } from "../../../src/backend/operations.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";

const scaled = defineKernel<"input", { readonly factor: number }>({
  name: "TestScaled",
  inputs: ["input"],
  outputShapes: ({ input }) => [input],
  compute: ({ floats, output, attributes }) => {
    output(0).set(floats("input").map((value) => value * attributes.factor));
  },
});

describe.each(["wasm", "cpu"] as const)("on %s", (name) => {
  beforeAll(async () => {
    await prepareBackend(name);
    scaled.register(name);
  });

  test("a kernel reads its inputs and attributes and writes its outputs", () => {
    const call = (): Float32Array =>
      valuesOf(() => scaled.one({ input: constant(Float32Array.of(1, 2), [2]) }, { factor: 3 }));
    expect([...call()]).toEqual([3, 6]);
    scaled.register(name); // in place of itself
    expect([...call()]).toEqual([3, 6]);
  });

  test("an input of another type is our own bug, not garbage", () => {
    const call = (): unknown =>
      valuesOf(() => scaled.one({ input: integers(Int32Array.of(1)) }, { factor: 1 }));
    expect(call).toThrow("internal: a kernel expected Float32Array");
  });

  test.each([Infinity, NaN, -1, 1.5])(
    "a kernel whose output would have the size %s is named",
    (size) => {
      const wrong = defineKernel<"input", object>({
        name: "TestWrongSize",
        inputs: ["input"],
        outputShapes: () => [[2, size]],
        compute: () => undefined,
      });
      wrong.register(name);
      const call = (): unknown =>
        valuesOf(() => wrong.one({ input: constant(Float32Array.of(1), [1]) }, {}));
      expect(call).toThrow(
        `The operation TestWrongSize would make a tensor of the shape [2, ${size}]; sizes are whole numbers from 0.`,
      );
    },
  );

  test("inputs stay valid when the memory grows for the outputs", () => {
    // 3 × 16 MiB: more than the heap that wasm starts with
    const input = new Float32Array(4 * 2 ** 20).fill(2);
    const output = valuesOf(() => {
      const first = scaled.one({ input: constant(input, [input.length]) }, { factor: 2 });
      return scaled.one({ input: first }, { factor: 2 });
    });
    expect([output[0], output.at(-1)]).toEqual([8, 8]);
  });
});
