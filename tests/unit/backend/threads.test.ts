import { expect, test } from "vitest";
import { availableCores, groupCores } from "../../../src/backend/host-limits.ts";
import { chooseThreads, keeperThreads } from "../../../src/backend/threads.ts";
import { ExpError } from "../../../src/core/errors.ts";

test("the config decides, then the variable, then the cores", () => {
  const host = { numCores: 6, variable: "3" };
  expect(chooseThreads(5, host)).toBe(5);
  expect(chooseThreads(undefined, host)).toBe(3);
  expect(chooseThreads(undefined, { ...host, variable: "" })).toBe(6);
  expect(chooseThreads(undefined, { ...host, variable: undefined })).toBe(6);
});

test("where threads cannot share memory there is one, and a wrong variable is still refused", () => {
  const host = { numCores: 6, variable: "3", canShare: false };
  expect(chooseThreads(5, host)).toBe(1);
  expect(chooseThreads(undefined, host)).toBe(1);
  expect(() => chooseThreads(undefined, { ...host, variable: "many" })).toThrow("LOCKSTEP_THREADS");
});

test.each(["0", "two", "-1", "1.5", "99999"])("LOCKSTEP_THREADS=%s is refused", (variable) => {
  const choose = (requested?: number): number =>
    chooseThreads(requested, { numCores: 2, variable });
  expect(choose).toThrow(ExpError);
  expect(() => choose()).toThrow(`LOCKSTEP_THREADS is "${variable}"; expected a whole number`);
  expect(choose(2)).toBe(2); // it decides nothing here
});

test("a process has at least one core", () => {
  expect(availableCores()).toBeGreaterThanOrEqual(1);
});

test("the tightest control group above a process limits its cores", () => {
  const groups = (files: Record<string, string>): number =>
    groupCores((path) => files[path.replace("/sys/fs/cgroup", "")]);
  expect(groups({})).toBe(Infinity);
  expect(groups({ "/cpu.max": "max 100000\n" })).toBe(Infinity);
  expect(groups({ "/cpu.max": "150000 100000\n" })).toBe(1.5);
  expect(
    groups({
      "/proc/self/cgroup": "0::/user/job\n",
      "/user/cpu.max": "200000 100000\n",
      "/user/job/cpu.max": "400000 100000\n",
    }),
  ).toBe(2);
  const old = "/cpu/cpu.cfs";
  expect(groups({ [`${old}_quota_us`]: "300000\n", [`${old}_period_us`]: "100000\n" })).toBe(3);
  expect(groups({ [`${old}_quota_us`]: "-1\n", [`${old}_period_us`]: "100000\n" })).toBe(Infinity);
});

test("beside a library wasm has as many threads as it, unless the process was started with a number", () => {
  expect([undefined, "", "4"].map((variable) => keeperThreads(1, variable))).toEqual([1, 1, 4]);
  expect(() => keeperThreads(1, "many")).toThrow("LOCKSTEP_WASM_THREADS");
});
