import { describe, expect, test } from "vitest";
import { placeTensors } from "../../../src/backend/host-tensors.ts";
import { moveTowards as loop } from "../../../src/backend/kernels/running-average.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { moveTowards } from "../../../src/backend/updates.ts";
import type { HostTensors } from "../../../src/core/run-events.ts";
import { createOptimizer } from "../../../src/optim/optimizer.ts";
import { floatsFrom } from "./wasm/parts.ts";

const length = 40_001; // some pieces, and an odd end

test.each([1, 3])("a running average on %i threads has the bits of the loop", async (threads) => {
  await prepareBackend("wasm", { threads });
  const expected = floatsFrom(length);
  const values = floatsFrom(length).toReversed();
  const tensor = (own: Float32Array) => ({ dtype: "F32" as const, shape: [length], values: own });
  const placed = placeTensors(
    new Map([
      ["average", tensor(expected)],
      ["values", tensor(values)],
    ]),
  );
  const [average, other] = Array.from(placed.tensors.values(), (one) => one.values);
  if (!(average instanceof Float32Array && other instanceof Float32Array))
    throw new Error("no floats");
  for (const momentum of [0.1, 0.001]) {
    loop(expected, values, momentum);
    moveTowards(average, other, momentum);
  }
  expect(Buffer.from(average.slice().buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  moveTowards(average, values, 1); // values that lie elsewhere
  expect(Buffer.from(average.slice().buffer).equals(Buffer.from(values.buffer))).toBe(true);
  placed.release();
});

const rates = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const optimizers = [
  ["adam with decay", { kind: "adamw", weightDecay: 0.3 }],
  ["adam with a penalty", { kind: "adam", l2Penalty: 0.3 }],
  ["lion", { kind: "lion", weightDecay: 0.3 }],
  ["sgd", { kind: "sgd", momentum: 0.9, nesterov: true, l2Penalty: 0.3 }],
] as const;

describe.each([1, 3])("all parameters of an optimizer on %i threads", (threads) => {
  test.each(optimizers)("%s has the bits of the loop", async (_, config) => {
    await prepareBackend("wasm", { threads });
    const lengths = { none: 0, one: 1, three: 3, pieces: length };
    const groups = Object.keys(lengths).map((name) => ({ name, decay: name !== "three" }));
    const optimizer = createOptimizer({ ...rates, learningRate: 1, ...config }, groups);
    const tensors = (seed: number): HostTensors =>
      new Map(
        Object.entries(lengths).map(([name, size]) => {
          const values = floatsFrom(size).map((value, i) => value * Math.sin(seed + i));
          return [name, { dtype: "F32", shape: [size], values }];
        }),
      );
    const own = {
      parameters: tensors(1),
      gradients: tensors(2),
      state: optimizer.init(tensors(1)),
    };
    const placed = Object.values(own).map(placeTensors);
    const [parameters, gradients, state] = placed.map((one) => one.tensors);
    if (!parameters || !gradients || !state) throw new Error("nothing was placed");
    for (let step = 1; step <= 3; step++) {
      const at = { step, learningRate: 0.01 };
      optimizer.update(own, at); // arrays that lie elsewhere: by the loops
      optimizer.update({ parameters, gradients, state }, at);
    }
    const bitsOf = (of: HostTensors): string =>
      Array.from(of.values(), ({ values }) =>
        Buffer.from(values.slice().buffer).toString("hex"),
      ).join();
    expect(bitsOf(parameters) === bitsOf(own.parameters)).toBe(true);
    expect(bitsOf(state) === bitsOf(own.state)).toBe(true);
    for (const { release } of placed) release();
  });
});
