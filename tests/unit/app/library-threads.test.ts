import { expect, test } from "vitest";
import { isPooled, libraryThreads } from "../../../src/app/library-threads.ts";

const transformer = (
  kind: string,
  width: number,
  [batchSize, sequenceLength]: readonly [number, number],
) => ({
  model: { kind, hiddenSize: width, feedForwardSize: 4 * width, contextLength: 512 },
  data: { kind: "characters", sequenceLength },
  training: { batchSize },
});

const stage = { kernelSize: 3, stride: 1, padding: 1, pooling: "max", poolSize: 2 };

const cnn = (channels: readonly number[], batchSize: number) => ({
  model: {
    kind: "cnn",
    image: { height: 28, width: 28, channels: 1 },
    stages: channels.map((count) => ({ ...stage, channels: count })),
    hiddenSizes: [64],
  },
  training: { batchSize },
});

const mlp = (hiddenSizes: readonly number[], batchSize: number) => ({
  model: { kind: "mlp", hiddenSizes },
  training: { batchSize },
});

test.each([
  ["a GPT of width 64 over 256 tokens", transformer("gpt", 64, [4, 64])],
  ["the CNN of the benchmarks", cnn([16, 32], 32)],
  ["the MLP of the benchmarks", mlp([256, 128], 32)],
])("%s gets one thread, on every machine", (_what, config) => {
  expect([2, 16].map((all) => libraryThreads(config, all))).toEqual([1, 1]);
});

test.each([
  ["a GPT of width 128", transformer("gpt", 128, [12, 64])],
  ["a BERT of width 128", transformer("bert", 128, [16, 64])],
  ["a BERT of width 256 over 2,048 tokens", transformer("bert", 256, [16, 128])],
  ["a CNN of 64 channels and 128 images", cnn([32, 64], 128)],
  ["an MLP of 2,048 and 2,048", mlp([2_048, 2_048], 128)],
  ["an MLP with one wide layer over the features", mlp([4_096], 128)],
])("%s gets all", (_what, config) => {
  expect([1, 2, 16].map((all) => libraryThreads(config, all))).toEqual([1, 2, 16]);
});

test("without a length of the data that of the model counts", () => {
  const { model, training } = transformer("gpt", 64, [2, 64]);
  expect(libraryThreads({ model, training }, 2)).toBe(2); // 2 · 512 tokens
  expect(libraryThreads({ model: { ...model, contextLength: 64 }, training }, 2)).toBe(1);
});

test.each([
  {},
  { model: { kind: "mine" }, training: { batchSize: 1 } },
  { model: { kind: "gpt" }, training: { batchSize: 1 } },
  { model: { kind: "cnn" }, training: { batchSize: 1 } },
  { model: { kind: "cnn", image: {}, stages: [1] }, training: { batchSize: 1 } },
  { model: "mlp", training: { batchSize: 1 } },
  { model: { kind: "mlp", hiddenSizes: [8] }, training: {} },
])("a config that does not tell the model gets all: %j", (config) => {
  expect(libraryThreads(config, 2)).toBe(2);
});

test("the library's own threads compute convolutions and what is not known, and no dense layers", () => {
  const known = [transformer("gpt", 128, [12, 64]), transformer("bert", 8, [1, 1]), mlp([8], 1)];
  expect(known.map(isPooled)).toEqual([false, false, false]);
  const others = [cnn([16], 32), {}, { model: { kind: "mine" } }];
  expect(others.map(isPooled)).toEqual([true, true, true]);
});
