import { expect, test } from "vitest";
import { checksums } from "../../../src/backend/checksums.ts";
import { placeTensors } from "../../../src/backend/host-tensors.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { checksum64 } from "../../../src/core/checksum.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";
import { floatsFrom } from "./wasm/parts.ts";

// Two go together: of one length, of others, with and without words that are no four.
const lengths = [3, 40_000, 0, 1, 977, 977, 40_000, 39_999, 4, 0];

test.each([1, 3])(
  "%i threads give the text of checksum64, in the order of the arrays",
  async (threads) => {
    await prepareBackend("wasm", { threads });
    const own = lengths.map((length) => floatsFrom(length));
    const tensors = own.map((values, index): [string, HostTensor] => [
      String(index),
      { dtype: "F32", shape: [values.length], values },
    ]);
    const placed = placeTensors(new Map(tensors));
    // Some lie in the memory of the backend, others do not.
    const mixed = [...placed.tensors.values()].flatMap(({ values }) => [
      values,
      Int32Array.of(-1, 7),
    ]);
    const expected = own.flatMap((values) => [
      checksum64(values),
      checksum64(Int32Array.of(-1, 7)),
    ]);
    expect(checksums(mixed)).toEqual(expected);
    expect(new Set(expected).size).toBe(new Set(lengths).size + 1);
    placed.release();
  },
);

test("without the memory of a backend it is checksum64", async () => {
  await prepareBackend("cpu");
  expect(checksums([])).toEqual([]);
  expect(checksums([floatsFrom(5)])).toEqual([checksum64(floatsFrom(5))]);
});
