/** Resolved experiments compared: pairs of runs, axes, classes, and where each change comes from. */
import { expect, test } from "vitest";
import {
  diffConfigs,
  isSameConfigs,
  type ConfigRun,
  type ConfigSide,
} from "../../../src/diff/configs.ts";
import type { JsonObject } from "../../../src/core/json.ts";

const run = (config: JsonObject, axisValues: JsonObject = {}): ConfigRun => {
  const { name: _, ...identity } = config;
  return { config, identity, axisValues };
};
const side = (...runs: ConfigRun[]): ConfigSide => ({
  runs,
  originOf: (_, path) => Promise.resolve(`x.ts:${path.join(".")}`),
});

test("values are told with their class and line; of what went, the old line", async () => {
  const diff = await diffConfigs(side(run({ name: "a", rate: 1, gone: true })), {
    runs: [run({ name: "b", rate: 2 })],
  });
  expect(diff.changes).toStrictEqual([
    {
      operation: { kind: "remove", path: ["gone"], value: true },
      class: "result",
      origin: "x.ts:gone",
    },
    { operation: { kind: "replace", path: ["name"], before: "a", value: "b" }, class: "handling" },
    { operation: { kind: "replace", path: ["rate"], before: 1, value: 2 }, class: "result" },
  ]);
});

test("runs of a sweep are compared with those of the same axis values; what differs in some says in how many", async () => {
  const sweep = (widths: readonly number[], depth: (width: number) => number): ConfigSide =>
    side(...widths.map((width) => run({ width, depth: depth(width), seed: 1 }, { width })));
  const diff = await diffConfigs(
    sweep([1, 2, 4], () => 3),
    sweep([2, 4, 8], (width) => (width === 4 ? 5 : 3)),
  );
  expect(diff.axes).toStrictEqual([{ name: "width", before: [1, 2, 4], after: [2, 4, 8] }]);
  expect(diff.numCompared).toBe(2);
  expect(diff.changes).toStrictEqual([
    {
      operation: { kind: "replace", path: ["depth"], before: 3, value: 5 },
      class: "result",
      origin: "x.ts:depth",
      numRuns: 1,
    },
  ]);
});

test("an axis that came or went is told as one, not as values", async () => {
  const diff = await diffConfigs(
    side(run({ width: 1 })),
    side(run({ width: 1 }, { width: 1 }), run({ width: 2 }, { width: 2 })),
  );
  expect(diff.axes).toStrictEqual([{ name: "width", after: [1, 2], instead: 1 }]);
  expect(diff.changes).toStrictEqual([]);
  expect(diff.numRuns).toStrictEqual({ before: 1, after: 2 });
  expect(isSameConfigs(diff)).toBe(false);
});

test("where runs without the axis differ there, none of their values stands instead", async () => {
  const swept = side(run({ width: 1 }, { width: 1 }), run({ width: 2 }, { width: 2 }));
  const both = side(
    run({ width: 3, seed: 1 }, { seed: 1 }),
    run({ width: 4, seed: 2 }, { seed: 2 }),
  );
  const diff = await diffConfigs(swept, both);
  expect(diff.axes).toStrictEqual([
    { name: "width", before: [1, 2] },
    { name: "seed", after: [1, 2] },
  ]);
});

test("equal sides have no difference", async () => {
  const diff = await diffConfigs(
    side(run({ a: [1], b: { c: null } })),
    side(run({ b: { c: null }, a: [1] })),
  );
  expect(isSameConfigs(diff)).toBe(true);
});
