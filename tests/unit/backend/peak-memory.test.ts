import { backend, tensor, tidy } from "@tensorflow/tfjs-core";
import { expect, onTestFinished, test } from "vitest";
import { defineKernel } from "../../../src/backend/host-kernel.ts";
import { relu } from "../../../src/backend/operations.ts";
import { measurePeak } from "../../../src/backend/peak-memory.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";

const broken = defineKernel<"input", object>({
  name: "TestBroken",
  inputs: ["input"],
  outputShapes: ({ input }) => [input],
  compute: () => {
    throw new Error("no such luck");
  },
});

test("what a kernel throws while tensors are counted on cpu is thrown on, once and as it is", async () => {
  await prepareBackend("cpu");
  const strays: unknown[] = [];
  const collect = (error: unknown): unknown => strays.push(error);
  process.on("unhandledRejection", collect);
  onTestFinished(() => void process.off("unhandledRejection", collect));
  broken.register("cpu");
  const work = (): number => tidy(() => broken.one({ input: tensor([1]) }, {}).size);
  await expect(measurePeak(work)).rejects.toThrow("no such luck");
  await new Promise((resolve) => setImmediate(resolve)); // rejections are told at the end of a turn
  expect(strays).toEqual([]);
  expect(Object.hasOwn(backend(), "time")).toBe(false);
});

test("tensors are counted on cpu", async () => {
  await prepareBackend("cpu");
  const { value, numPeakBytes } = await measurePeak(() => tidy(() => relu(tensor([1, 2, 3])).size));
  expect(value).toBe(3);
  expect(numPeakBytes).toBeGreaterThanOrEqual(2 * 3 * 4);
});
