/** Comparing many runs: the same as from each of them, without reading each of them. */
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { compareRuns } from "../../../../src/app/lookups/compare-runs.ts";
import { listRuns } from "../../../../src/app/lookups/list-runs.ts";
import { tagRuns } from "../../../../src/app/manage/tag-runs.ts";
import { summariseValues } from "../../../../src/app/summary.ts";
import { comparisonLines } from "../../../../src/cli/comparison-text.ts";
import { openDatabase } from "../../../../src/store/index/database.ts";
import * as indexedRun from "../../../../src/store/query/indexed-run.ts";
import { madeUpRun, writeMadeUpRuns } from "../../../bench/made-up-runs.ts";
import { errorOf } from "../../store/helpers.ts";
import { createStore } from "../../store/index/stores.ts";

const read = vi.hoisted(() => ({ numRuns: 0 }));

vi.mock("../../../../src/store/query/indexed-run.ts", async (original) => {
  const real = await original<typeof indexedRun>();
  const readRuns: typeof real.readRuns = (database, ids) => {
    read.numRuns += ids.length;
    return real.readRuns(database, ids);
  };
  return { ...real, readRuns };
});

beforeEach(() => {
  read.numRuns = 0;
});

type Context = ReturnType<typeof contextOf>;

function contextOf(runsDirectory: string) {
  return { runsDirectory, workingDirectory: runsDirectory, environment: {} };
}

/** Writes into the index of a store past everybody. */
function changeIndex(store: string, sql: string): void {
  const folder = join(store, ".index");
  const name = readdirSync(folder).find((file) => file.endsWith(".sqlite"));
  const database = openDatabase(join(folder, name ?? ""));
  database.execute(sql);
  database.close();
}

function jsonOf(values: readonly unknown[]): readonly string[] {
  return [...new Set(values.map((value) => JSON.stringify(value)))].toSorted();
}

/** What the runs of a filter have, from each of them. */
function fromRuns(context: Context, filter: string) {
  const { runs } = listRuns({ ...context, filter });
  const values = (path: string) =>
    jsonOf(runs.map(({ config }) => config.get(path)).filter((one) => one !== undefined));
  const metric = (name: string) =>
    runs.flatMap(({ metrics }) => indexedRun.mainNumber(metrics.get(name)) ?? []);
  return { numRuns: runs.length, values, metric };
}

function expectSame(context: Context, filters: readonly string[]): void {
  const expected = filters.map((filter) => fromRuns(context, filter));
  const found = compareRuns({ ...context, operands: filters, isWhole: true });
  expect(found.groups.map(({ numRuns }) => numRuns)).toEqual(
    expected.map(({ numRuns }) => numRuns),
  );
  for (const { name, values } of found.config) {
    values.forEach((inGroup, group) => {
      expect(jsonOf(inGroup)).toEqual(expected[group]?.values(name));
    });
  }
  for (const { name, groups } of found.metrics) {
    groups.forEach((summary, group) => {
      const { mean, count } = summariseValues(expected[group]?.metric(name) ?? []);
      expect(summary).toMatchObject({ mean: expect.closeTo(mean, 12) as number, count });
    });
  }
  expect(found.config.map(({ name }) => name)).toContain("optimizer.learningRate");
  expect(found.metrics[0]?.name).toBe("validation.accuracy");
}

const filters = ["optimizer.kind = adamw", "optimizer.kind != adamw and seed < 4"];

test("runs beside each other are compared without reading the rows of each, however they came there", () => {
  const store = createStore(140);
  const context = contextOf(store);
  compareRuns({ ...context, operands: filters, isWhole: true });
  expect(read.numRuns).toBe(0);
  expectSame(context, filters);
  for (const number of [0, 7, 139]) {
    rmSync(join(store, madeUpRun(number).name), { recursive: true });
  }
  writeMadeUpRuns(store, 139, 146);
  read.numRuns = 0;
  compareRuns({ ...context, operands: filters, isWhole: true });
  expect(read.numRuns).toBeLessThan(7); // what came since, as far as it is in a group
  expectSame(context, filters);
  writeMadeUpRuns(store, 146, 275); // enough to lie beside each other too
  expectSame(context, filters);
});

test("runs are grouped by a value, a list, a tag, a metric, and by what they lack", () => {
  const context = contextOf(createStore(40));
  const titles = (by: string, ...operands: readonly string[]) =>
    compareRuns({ ...context, operands, by, isWhole: false }).groups.map(
      ({ title, numRuns }) => `${title}: ${numRuns}`,
    );
  expect(titles("seed")).toEqual([0, 1, 2, 3, 4].map((seed) => `seed=${seed}: 8`));
  expect(titles("git.dirty", "seed = 0")).toEqual(["git.dirty=false: 6", "git.dirty=true: 2"]);
  expect(titles("tags[0]")).toEqual(["tags[0]=first: 8", "tags[0]=null: 32"]);
  const [run = ""] = compareRuns({
    ...context,
    operands: ["seed = 1", "seed = 2"],
    isWhole: false,
    members: "keys",
  }).groups.map(({ keys }) => keys.at(0)?.slice(0, 16));
  tagRuns({ ...context, words: [run], add: ["second"], remove: [] });
  expect(titles("tags", "seed < 2")).toHaveLength(3);
});

test("more values than a byte has numbers for are each found where they are", () => {
  const store = createStore(270);
  for (let number = 0; number < 270; number++) {
    const path = join(store, madeUpRun(number).name, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...config, seed: number }));
  }
  const context = contextOf(store);
  const found = compareRuns({
    ...context,
    operands: ["seed < 135", "seed >= 135"],
    isWhole: false,
  });
  const seeds = Array.from({ length: 270 }, (_, number) => number);
  expect(found.config.find(({ name }) => name === "seed")?.values).toEqual([
    seeds.slice(0, 135),
    seeds.slice(135),
  ]);
  expect(read.numRuns).toBe(0);
});

test("the keys of groups are those of their runs, in their order, from packs and from single rows", () => {
  const store = createStore(140);
  const context = { ...contextOf(store), isWhole: false };
  compareRuns({ ...context, operands: filters }); // packs them
  writeMadeUpRuns(store, 140, 143);
  const one = madeUpRun(141).name;
  const { groups } = compareRuns({ ...context, operands: [...filters, one], members: "keys" });
  const runs = [...filters, `run = ${one}`].map((filter) => listRuns({ ...context, filter }).runs);
  expect(groups.map(({ keys }) => [...keys])).toEqual(
    runs.map((inGroup) => inGroup.map(({ runKey }) => runKey)),
  );
});

test("an index with keys that are none is made anew", () => {
  const store = createStore(140);
  const warnings: string[] = [];
  const context = { ...contextOf(store), isWhole: false, members: "keys" as const };
  const compare = (): readonly (readonly string[])[] =>
    compareRuns({
      ...context,
      operands: filters,
      onWarning: (text) => warnings.push(text),
    }).groups.map(({ keys }) => [...keys]);
  const before = compare();
  for (const change of ["replace(keys, ' ', '')", "replace(keys, 'a', '\"')"]) {
    changeIndex(store, `UPDATE packs SET keys = ${change}`);
    expect(compare()).toEqual(before);
  }
  expect(warnings).toEqual(
    Array(2).fill("The index of the runs was damaged; it was made anew from their files."),
  );
});

test("a field with many values makes no groups", () => {
  const context = contextOf(createStore(52));
  const request = { ...context, operands: [], by: "validation.accuracy", isWhole: false };
  expect(errorOf(() => compareRuns(request)).message).toBe(
    "exp compare: validation.accuracy has 52 values; at most 50 are compared.",
  );
});

test("how many curves a mean is of is told where they are fewer than the runs", () => {
  const context = contextOf(createStore(10));
  const found = compareRuns({
    ...context,
    operands: ["seed < 4", "seed = 4"],
    isWhole: false,
  });
  expect(found.maxCurves).toBe(50);
  const comparison = { ...found, maxCurves: 2 };
  const terminal = { style: (_style: string, text: string): string => text };
  const lines = comparisonLines(comparison, terminal as Parameters<typeof comparisonLines>[1]);
  expect(lines.at(-1)).toBe("Curves: means of the newest 2 runs of each group.");
});
