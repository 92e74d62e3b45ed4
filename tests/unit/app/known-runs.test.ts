import { expect, test } from "vitest";
import { createSearch, plannedAsKnown } from "../../../src/app/known-runs.ts";
import type { PlannedRun } from "../../../src/resolve/plan.ts";

/** A run by letters: parts that share a letter are equal. */
function run(
  letters: { key: string; config?: string; group?: string; code?: string; data?: string },
  config: object = {},
): PlannedRun {
  const { key, config: hash = key, group = hash, code = "c", data = "d" } = letters;
  const identities = {
    runKey: key,
    configHash: hash,
    groupHash: group,
    codeHash: code,
    dataHash: data,
  };
  const rest = {
    index: 0,
    name: "x",
    axisValues: {},
    config: {},
    backend: "wasm",
    environmentClass: "wasm/1",
  };
  return { ...rest, ...identities, identityText: JSON.stringify({ config }) };
}

const known = [
  run({ key: "other code", config: "A", code: "x" }, { rate: 1 }),
  run({ key: "other code and data", config: "A", code: "x", data: "x" }, { rate: 1 }),
  run({ key: "other seed", config: "B", group: "G" }, { rate: 2, seed: 1, size: 9 }),
  run({ key: "close", config: "C" }, { rate: 3, seed: 1, size: 4 }),
].map((one) => plannedAsKnown(one, "task"));

function nearest(planned: PlannedRun, task = "task"): string | undefined {
  return createSearch(known, task)(planned)?.run.runKey;
}

test("a run of the same config is nearest, and of several the one with most other parts equal", () => {
  expect(nearest(run({ key: "new", config: "A" }))).toBe("other code");
  expect(nearest(run({ key: "new", config: "A", code: "x", data: "x" }))).toBe(
    "other code and data",
  );
  expect(
    createSearch(known, "task")(run({ key: "new", config: "A" }, { rate: 1 }))?.changes,
  ).toEqual([]);
});

test("then one that differs in its seed alone, then the one whose config has fewest differences", () => {
  expect(nearest(run({ key: "new", group: "G" }, { rate: 2, seed: 2, size: 9 }))).toBe(
    "other seed",
  );
  const found = createSearch(known, "task")(run({ key: "new" }, { rate: 3, seed: 1, size: 5 }));
  expect(found?.run.runKey).toBe("close");
  expect(found?.changes).toEqual([[["size"], 5]]);
});

test("runs of other tasks are not compared", () => {
  expect(nearest(run({ key: "new", config: "A" }), "other")).toBeUndefined();
});
