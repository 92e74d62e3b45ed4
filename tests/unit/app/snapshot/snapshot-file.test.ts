/** The golden file of an experiment: read back as it was written, and as nothing else. */
import { expect, test } from "vitest";
import type { Evaluated } from "../../../../src/app/evaluate/messages.ts";
import {
  readSnapshotText,
  snapshotOf,
  snapshotSides,
  snapshotText,
} from "../../../../src/app/snapshot/snapshot-file.ts";
import type { JsonObject } from "../../../../src/core/json.ts";
import { diffConfigs } from "../../../../src/diff/configs.ts";

const evaluated = (configs: readonly JsonObject[], hash = "a"): Evaluated => ({
  experiment: "x",
  task: { name: "line", version: 1 },
  runs: configs.map((config, index) => ({
    config,
    identity: config,
    axisValues: { slope: index },
    configHash: hash.repeat(64),
  })),
});
const file = "experiments/x.ts";
const sweep = evaluated([
  { slope: 0, layers: [{ name: "a" }, { name: "b", size: 1 }], note: null },
  { slope: 1, layers: [{ name: "b", size: 2 }, { name: "a" }] },
  { slope: 2, layers: [] },
]);

test("it is read back as the runs that were written", () => {
  const text = snapshotText(file, sweep);
  const { runs, ...rest } = snapshotOf(file, sweep);
  const kept = runs.map(({ config, axisValues, configHash }) => ({
    configHash,
    axisValues,
    config,
  }));
  expect(readSnapshotText(text)).toEqual({ ...rest, runs: kept });
  expect(snapshotText(file, sweep)).toBe(text);
});

test("of a long sweep the first hundred runs are kept, and a change of a later one is seen", () => {
  const configs = Array.from({ length: 300 }, (_, slope) => ({ slope }));
  const long = evaluated(configs);
  const read = readSnapshotText(snapshotText(file, long));
  expect([read?.numRuns, read?.runs.length]).toEqual([300, 100]);
  const other = {
    ...long,
    runs: long.runs.map((run, index) =>
      index === 299 ? { ...run, configHash: "b".repeat(64) } : run,
    ),
  };
  expect(snapshotText(file, other)).not.toBe(snapshotText(file, long));
});

test("a text that exp did not write, or that was edited by halves, is none", () => {
  const text = snapshotText(file, sweep);
  const fields = JSON.parse(text) as Record<string, unknown>;
  const others = [
    "",
    "[]",
    JSON.stringify({ ...fields, format: "lockstep/resolved/2" }),
    JSON.stringify({ ...fields, config: { slope: 9 } }), // the operations of the others do not fit
    JSON.stringify({ ...fields, runs: [{ configHash: 1 }] }),
    JSON.stringify({ ...fields, runs: [{ configHash: "a", changes: [{ kind: "explode" }] }] }),
    JSON.stringify({ ...fields, numRuns: "3" }),
  ];
  for (const other of others) expect(readSnapshotText(other)).toBeUndefined();
});

test("where all hashes are equal, what differs changes no result", async () => {
  const before = evaluated([{ slope: 1, name: "a" }]);
  const classOf = async (hash: string): Promise<readonly string[]> => {
    const after = evaluated([{ slope: 1, name: "b" }], hash);
    const sides = snapshotSides(snapshotOf(file, before), snapshotOf(file, after));
    const { changes } = await diffConfigs(...sides);
    return changes.map((change) => change.class);
  };
  expect(await classOf("a")).toEqual(["handling"]);
  expect(await classOf("b")).toEqual(["result"]);
});
