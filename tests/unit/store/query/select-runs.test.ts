/** Filters, orders and counts against a plain reading of the same runs in TypeScript. */
import { assert, property } from "fast-check";
import { expect, test } from "vitest";
import type { JsonValue } from "../../../../src/core/json.ts";
import { withIndex } from "../../../../src/store/index/run-index.ts";
import { parseFilter, type Filter } from "../../../../src/store/query/filter.ts";
import { readRuns, type IndexedRun } from "../../../../src/store/query/indexed-run.ts";
import { selectRuns } from "../../../../src/store/query/select-runs.ts";
import { createStore, indexOptions, select, writeFiles } from "../index/stores.ts";
import { madeUpRun } from "../../../bench/made-up-runs.ts";
import { filters } from "./filters.ts";

/** The value of a name in a run, read without SQL. */
function valueIn(run: IndexedRun, name: string, part: string | undefined): JsonValue | undefined {
  const metric = run.metrics.get(name);
  if (metric !== undefined) {
    return part === undefined ? (metric.final ?? metric.last) : metric[part as "min"];
  }
  return run.config.get(name) ?? (name === "status" ? run.status : run.facts[name]);
}

function holds(filter: Filter, run: IndexedRun): boolean {
  switch (filter.kind) {
    case "not":
      return !holds(filter.item, run);
    case "and":
      return filter.items.every((item) => holds(item, run));
    case "or":
      return filter.items.some((item) => holds(item, run));
    case "compare":
      return compares(filter, run);
  }
}

function compares(
  { field, comparison, value }: Extract<Filter, { kind: "compare" }>,
  run: IndexedRun,
): boolean {
  const found = valueIn(run, field.text, field.part) ?? null;
  const wanted = value.kind === "null" ? null : "value" in value ? value.value : undefined;
  switch (comparison) {
    case "=":
      return found === wanted;
    case "!=":
      return found !== wanted;
    case "~":
      return (
        typeof found === "string" && found.toLowerCase().includes(String(wanted).toLowerCase())
      );
    case "contains":
      return typeof found === "string" && found.includes(String(wanted));
    default: {
      if (typeof found !== typeof wanted || found === null) return false;
      const [a, b] = [found, wanted] as [number, number];
      if (comparison === "<") return a < b;
      if (comparison === "<=") return a <= b;
      return comparison === ">" ? a > b : a >= b;
    }
  }
}

test("a filter takes exactly the runs for which it holds", () => {
  const store = createStore(60);
  const { name, files } = madeUpRun(1000);
  const { "results/metrics.json": _, "manifest.json": __, ...given } = files;
  writeFiles(`${store}/.attempts/${name}/1`, given); // without a result, and lost
  withIndex(indexOptions(store), ({ database }) => {
    const all = readRuns(
      database,
      database.all("SELECT id FROM stored_runs").map(({ id }) => Number(id)),
    );
    expect(all).toHaveLength(61);
    let numSome = 0;
    assert(
      property(filters, (text) => {
        const filter = parseFilter(text);
        if (filter === undefined) throw new Error(text);
        const expected = all.filter((run) => holds(filter, run)).map((run) => run.name);
        const found = selectRuns(database, { filter: text, now: new Date() });
        expect(found.runs.map((run) => run.name).toSorted()).toEqual(expected.toSorted());
        expect(found.numMatching).toBe(expected.length);
        if (expected.length > 0 && expected.length < all.length) numSome++;
      }),
      { numRuns: 400 },
    );
    expect(numSome).toBeGreaterThan(100); // filters that take none or all show little
  });
});

test("runs come in the order asked for, those without a value last, and a limit changes no count", () => {
  const store = createStore(30);
  const scores = (sort: string) =>
    select(store, "", { sort }).runs.map(
      (run) => run.metrics.get("validation.accuracy")?.final ?? 0,
    );
  const ascending = scores("validation.accuracy");
  expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
  expect(scores("-validation.accuracy")).toEqual(ascending.toReversed());
  const seeds = select(store, "", { sort: "seed,-optimizer.learningRate" }).runs.map((run) => [
    Number(run.config.get("seed")),
    Number(run.config.get("optimizer.learningRate")),
  ]);
  expect(seeds).toEqual(seeds.toSorted(([a = 0, x = 0], [b = 0, y = 0]) => a - b || y - x));
  const newest = select(store).runs.map((run) => Number(run.facts["started"]));
  expect(newest).toEqual(newest.toSorted((a, b) => b - a));
  const limited = withIndex(indexOptions(store), ({ database }) =>
    selectRuns(database, { filter: "seed < 3", limit: 4, now: new Date() }),
  );
  expect(limited).toMatchObject({ numMatching: 18, numRuns: 30 });
  expect(limited.runs).toHaveLength(4);
});

test.each([
  [
    "optmizer.kind = adamw",
    "no run has anything called optmizer.kind. Did you mean optimizer.kind?",
  ],
  ["learningRate < 1", "Did you mean optimizer.learningRate?"],
  ["optimizer < 1", "Did you mean optimizer.kind?"],
  ["model.hiddenSize = big", "model.hiddenSize holds numbers; found big."],
  ["optimizer.kind > 3", "optimizer.kind holds text; found 3."],
  ["seed ~ 3", "~ cannot be used with numbers"],
  ["started > soon", "holds times"],
  ["git.dirty = 3", "holds true or false"],
  ["max(seed) > 3", "max(…) takes a metric, and seed is none"],
])("%s is refused: %s", (filter, message) => {
  expect(() => select(createStore(2), filter)).toThrow(message);
});

test("all that is wrong is told at once", () => {
  const ask = () => select(createStore(2), "sed = 1 and model.hiddenSize = big or nothing.here");
  expect(ask).toThrow(/sed[\s\S]*column 32[\s\S]*nothing\.here/u);
});

test("values of a user reach SQL as values", () => {
  const store = createStore(4);
  for (const text of ["'; DROP TABLE stored_runs; --", "%", "_dam_", "\\\\", "a' OR '1'='1"]) {
    const quoted = JSON.stringify(text);
    expect(select(store, `optimizer.kind = ${quoted}`).numMatching).toBe(0);
    expect(select(store, `optimizer.kind ~ ${quoted}`).numMatching).toBe(0);
    expect(select(store, `tags contains ${quoted} or notes ~ ${quoted}`).numMatching).toBe(0);
  }
  expect(() => select(store, '"x\' OR 1=1" = 1')).toThrow("no run has anything called");
  expect(select(store).numRuns).toBe(4);
});

test("a fact, a path and a metric of one name are told apart", () => {
  const store = createStore(1);
  const { name, files } = madeUpRun(0);
  const config = JSON.stringify({
    ...JSON.parse(files["config.json"] ?? ""),
    status: 3,
    sizes: [64, 32],
    label: "x%y",
  });
  writeFiles(`${store}/${name}`, { "config.json": config });
  expect(() => select(store, "status = 3")).toThrow(
    "status has several meanings; write run.status or config.status",
  );
  expect(select(store, "config.status = 3 and run.status = finished").numMatching).toBe(1);
  expect(
    select(store, "sizes contains 32 and not sizes contains 3 and sizes[0] = 64").numMatching,
  ).toBe(1);
  expect(
    select(store, "label ~ 'X%' and label ~ 'x?y' and label ~ '*y' and not label ~ 'x_'")
      .numMatching,
  ).toBe(1);
  expect(select(store, "metrics.test.loss >= 0 and tags contains first").numMatching).toBe(1);
});

test("an empty store answers every filter with nothing", () => {
  expect(select(createStore(0), "whatever > 3", { sort: "nothing" })).toMatchObject({ numRuns: 0 });
});
