/** Looking for a number, against a plain look at every value. */
import { assert, integer, nat, property } from "fast-check";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withIndex } from "../../../../src/store/index/run-index.ts";
import { findValues, type ValueMatches } from "../../../../src/store/query/find-values.ts";
import { readRuns } from "../../../../src/store/query/indexed-run.ts";
import { createStore, indexOptions, writeFiles } from "../index/stores.ts";
import { madeUpRun } from "../../../bench/made-up-runs.ts";

function find(store: string, text: string, more: object = {}): ValueMatches {
  return withIndex(indexOptions(store), ({ database }) =>
    findValues(database, { text, limit: 1000, now: new Date(), readHistory: () => [], ...more }),
  );
}

test("a number finds the results that round to it, and no others", () => {
  const store = createStore(40);
  withIndex(indexOptions(store), ({ database }) => {
    const runs = readRuns(
      database,
      database.all("SELECT id FROM stored_runs").map(({ id }) => Number(id)),
    );
    const finals = runs.flatMap(({ name, metrics }) =>
      [...metrics].flatMap(([metric, { final }]) =>
        final === undefined ? [] : [{ name, metric, final }],
      ),
    );
    assert(
      property(nat(finals.length - 1), integer({ min: 1, max: 6 }), (index, decimals) => {
        const text = (finals[index]?.final ?? 0).toFixed(decimals);
        const wanted = finals.filter(({ final }) => final.toFixed(decimals) === text);
        const { matches, numFound } = findValues(database, {
          text,
          limit: 10_000,
          now: new Date(),
          readHistory: () => [],
        });
        expect(matches.map(({ run, metric }) => `${run} ${metric}`).toSorted()).toEqual(
          wanted.map(({ name, metric }) => `${name} ${metric}`).toSorted(),
        );
        expect(numFound).toBe(wanted.length);
        expect(matches.every(({ place }) => place === "final")).toBe(true);
      }),
    );
  });
});

/** A store of one run whose result and history are given. */
function oneRun(
  metrics: Record<string, number | string>,
  rows: readonly Record<string, number>[],
): string {
  const store = createStore(1);
  const { name } = madeUpRun(0);
  const log = rows.map(
    (row, index) => `${JSON.stringify({ step: (index + 1) * 10, epoch: 1, ...row })}\n`,
  );
  writeFiles(join(store, name), {
    "results/metrics.json": JSON.stringify({ step: 10, metrics, details: {} }),
    "logs/metrics.jsonl": log.join(""),
  });
  return store;
}

test("a percentage means shares and percentages", () => {
  const store = oneRun(
    { share: 0.9419, percentage: 94.249, edge: 0.94249, over: 0.9426, negative: -0.942 },
    [],
  );
  const found = find(store, "94.2%").matches.map(({ metric }) => metric);
  expect(found.toSorted()).toEqual(["edge", "percentage", "share"]);
  expect(find(store, "0.942").matches.map(({ metric }) => metric)).toEqual(["edge", "share"]);
  expect(find(store, "-0.942").matches.map(({ metric }) => metric)).toEqual(["negative"]);
  expect(find(store, "94").matches.map(({ metric }) => metric)).toEqual(["percentage"]);
});

test("small and large numbers in powers of ten are found as they are written", () => {
  const store = oneRun({ small: 1.3449e-4, large: 123_456, nan: "NaN", zero: -1e-9 }, []);
  expect(find(store, "1.34e-4").matches.map(({ metric }) => metric)).toEqual(["small"]);
  expect(find(store, "1.35e-4").matches).toEqual([]);
  expect(find(store, "1.23e5").matches.map(({ metric }) => metric)).toEqual(["large"]);
  expect(
    find(store, "0.00")
      .matches.map(({ metric }) => metric)
      .toSorted(),
  ).toEqual(["small", "zero"]);
});

test("results come before the best, the best before the last, the last before any step", () => {
  const rows = [
    { "validation.accuracy": 0.5, "train.loss": 0.333 },
    { "validation.accuracy": 0.9, "train.loss": 0.222 },
    { "validation.accuracy": 0.7, "train.loss": 0.111 },
  ];
  const store = oneRun({ "validation.accuracy": 0.9 }, rows);
  const placeOf = (text: string, more = {}) =>
    find(store, text, more).matches.map(({ place, step, metric }) => [place, step, metric]);
  expect(placeOf("0.9")).toEqual([["final", undefined, "validation.accuracy"]]);
  expect(placeOf("0.222")).toEqual([["best", undefined, "train.loss"]]);
  expect(placeOf("0.111")).toEqual([["last", undefined, "train.loss"]]);
  expect(placeOf("0.333")).toEqual([["step", 10, "train.loss"]]);
  expect(placeOf("0.222", { everyStep: true })).toEqual([["step", 20, "train.loss"]]);
  expect(placeOf("0.25")).toEqual([]);
  expect(placeOf("0.9", { filter: "seed = 99" })).toEqual([]);
  expect(placeOf("0.111", { metric: "validation.accuracy" })).toEqual([]);
  expect(() => find(store, "0.1", { metric: "nothing" })).toThrow("No run has a metric called");
  expect(() => find(store, "much")).toThrow('"much" is not a number');
});

test("a history that is too long for the index is read from the run", () => {
  const rows = Array.from({ length: 20_001 }, (_, index) => ({
    "train.loss": index / 1000 + 1e-5,
  }));
  const store = oneRun({}, rows);
  const asked: string[] = [];
  const readHistory = (directory: string) => {
    asked.push(directory);
    return rows.map((row, index) => ({ step: index, values: new Map(Object.entries(row)) }));
  };
  expect(find(store, "12.34501", { readHistory }).matches).toMatchObject([
    { place: "step", step: 12_345 },
  ]);
  expect(asked).toEqual([madeUpRun(0).name]);
});

test("a value on the way is found in runs that go on, in those added later, and not in those that are gone", () => {
  const store = createStore(2);
  const find = (text: string) =>
    withIndex(indexOptions(store), ({ database }) => {
      const readHistory = (): never => expect.fail("it is in the index");
      const query = { text, limit: 9, everyStep: true, now: new Date(), readHistory };
      return findValues(database, query).matches.map(({ run, step }) => [run, step]);
    });
  expect(find("7.125")).toEqual([]);
  const { name, files } = madeUpRun(5);
  const log = `${JSON.stringify({ step: 50, epoch: 1, "train.loss": 7.125 })}\n`;
  const { "manifest.json": manifest = "", "results/metrics.json": results = "", ...given } = files;
  const going = join(store, ".attempts", name, "1");
  writeFiles(going, { ...given, "logs/metrics.jsonl": log });
  expect(find("7.125")).toEqual([[name, 50]]);
  expect(find("7.126")).toEqual([]);
  rmSync(join(store, ".attempts"), { recursive: true });
  writeFiles(join(store, name), {
    ...given,
    "manifest.json": manifest,
    "results/metrics.json": results,
    "logs/metrics.jsonl": log,
  });
  expect(find("7.125")).toEqual([[name, 50]]);
  rmSync(join(store, name), { recursive: true });
  expect(find("7.125")).toEqual([]);
});
