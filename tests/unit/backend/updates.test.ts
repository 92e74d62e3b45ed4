import { expect, test } from "vitest";
import { placeTensors } from "../../../src/backend/host-tensors.ts";
import { moveTowards as loop } from "../../../src/backend/kernels/running-average.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { moveTowards } from "../../../src/backend/updates.ts";
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
