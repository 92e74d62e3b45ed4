/** Runs by the name of their experiment, as people type it. */
import { expect, test } from "vitest";
import { compareRuns } from "../../../../src/app/lookups/compare-runs.ts";
import { listRuns } from "../../../../src/app/lookups/list-runs.ts";
import { showRun } from "../../../../src/app/lookups/show-run.ts";
import { meantRuns } from "../../../../src/app/manage/meant-runs.ts";
import { removeRuns } from "../../../../src/app/manage/remove-runs.ts";
import { errorOf } from "../../store/helpers.ts";
import { createStore } from "../../store/index/stores.ts";

function createContext() {
  const runsDirectory = createStore(22); // two runs of experiment-0 and experiment-1, one of each other
  return { runsDirectory, workingDirectory: runsDirectory, environment: {} };
}

test("an experiment means all its runs, and its newest one where one is asked for", () => {
  const context = createContext();
  const { runs } = listRuns({ ...context, filter: "experiment = experiment-0" });
  const names = runs.map(({ name }) => name);
  expect(names).toHaveLength(2);
  expect(meantRuns(context, ["experiment-0", names[0] ?? ""]).map(({ name }) => name)).toEqual(
    names,
  );
  expect(showRun(context, "experiment-0")).toMatchObject({ run: { name: names[0] }, numOlder: 1 });
  expect(showRun(context, "experiment-5").numOlder).toBe(0);
  expect(showRun(context, names[0] ?? "").numOlder).toBeUndefined();
  const request = { ...context, isWhole: false };
  const { groups } = compareRuns({ ...request, operands: ["experiment-0", "experiment-5"] });
  expect(groups.map(({ title, numRuns }) => [title, numRuns])).toEqual([
    ["experiment-0", 2],
    ["experiment-5", 1],
  ]);
  const split = compareRuns({ ...request, operands: ["experiment-0"], by: "seed" });
  expect(split.groups.map(({ numRuns }) => numRuns)).toEqual([2]);
});

test("what is nearly an experiment is told, and nothing is taken away by the name of one", () => {
  const context = createContext();
  const { hint } = errorOf(() => meantRuns(context, ["experimnt-7"]));
  expect(hint).toMatch(
    /^Did you mean experiment-7\? Give 8 or more .* or the name of its experiment/u,
  );
  for (const compared of [["experimnt-7", "experiment-1"]]) {
    const error = errorOf(() => compareRuns({ ...context, operands: compared, isWhole: false }));
    expect(error.message).toBe('"experimnt-7" does not name a run.');
  }
  expect(errorOf(() => showRun(context, "nothing")).hint).toMatch(/^Give 8 or more/u);
  expect(errorOf(() => removeRuns(context, ["experiment-0"])).hint).toBe(
    'It is an experiment; the filter "experiment = experiment-0" takes all its runs.',
  );
  expect(listRuns(context).runs).toHaveLength(22);
});
