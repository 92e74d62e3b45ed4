/** What hooks are told may be kept: nobody changes it later. */
import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { singleEvents } from "../../../src/core/single-events.ts";

test("a checkpoint of tensors that go on changing is told with copies, any other as it is", () => {
  const values = Float32Array.of(1, 2);
  const tensors = new Map([["w", { dtype: "F32" as const, shape: [2], values }]]);
  const event: RunEvent = { kind: "checkpoint", names: ["last"], step: 1, tensors, state: {} };
  expect(singleEvents(event)).toEqual([event]);
  const [told] = singleEvents({ ...event, isLive: true });
  values[0] = 9;
  const kept = new Map([["w", { dtype: "F32", shape: [2], values: Float32Array.of(1, 2) }]]);
  expect(told).toEqual({ ...event, tensors: kept, isLive: false });
});
