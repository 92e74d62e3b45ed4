import { expect, test } from "vitest";
import { shareMachine, thisMachine } from "../../../src/engine/machine-share.ts";

const gibibyte = 2 ** 30;
const machine = { numCores: 16, memoryBytes: 32 * gibibyte, heapBytes: 4 * gibibyte };
const nothing = { nodeFlags: [], environment: {} };

test("cores and memory are shared out, and no heap gets more than a process alone would take", () => {
  const threads = (numWorkers: number): unknown => shareMachine(numWorkers, machine, nothing);
  expect(threads(1)).toEqual({
    nodeFlags: ["--max-old-space-size=4096"],
    environment: { LOCKSTEP_THREADS: "16" },
  });
  expect(threads(12)).toEqual({
    nodeFlags: ["--max-old-space-size=2048"],
    environment: { LOCKSTEP_THREADS: "1" },
  });
  expect(threads(1000)).toEqual({
    nodeFlags: ["--max-old-space-size=256"],
    environment: { LOCKSTEP_THREADS: "1" },
  });
});

test("what the user set stays as it is", () => {
  const environment = { LOCKSTEP_THREADS: "3", NODE_OPTIONS: "--max_old_space_size=99" };
  expect(shareMachine(2, machine, { nodeFlags: ["--inspect"], environment })).toEqual({
    nodeFlags: ["--inspect"],
    environment: { LOCKSTEP_THREADS: "3" },
  });
});

test("this machine has cores and memory", () => {
  const { numCores, memoryBytes, heapBytes } = thisMachine(7);
  expect(numCores).toBe(7);
  expect(memoryBytes).toBeGreaterThan(2 ** 27);
  expect(heapBytes).toBeGreaterThan(2 ** 27);
});
