/** Numbers of runs against the runs that `exp runs` finds, and groups against a plain reading. */
import { assert, boolean, property } from "fast-check";
import { expect, test } from "vitest";
import type { Database } from "../../../../src/store/index/database.ts";
import { withIndex } from "../../../../src/store/index/run-index.ts";
import { createFields } from "../../../../src/store/query/fields.ts";
import { filterParts } from "../../../../src/store/query/filter-parts.ts";
import { readRuns } from "../../../../src/store/query/indexed-run.ts";
import { selectIds, selectIdsBy } from "../../../../src/store/query/select-ids.ts";
import { namedField, selectRuns } from "../../../../src/store/query/select-runs.ts";
import { createStore, indexOptions, writeFiles } from "../index/stores.ts";
import { madeUpRun } from "../../../bench/made-up-runs.ts";
import { filters } from "./filters.ts";

const now = new Date();

/** Some runs have no optimizer, or `null` in its place, and one has no result. */
function createMixedStore(): string {
  const store = createStore(60);
  [1000, 1001, 1002].forEach((number) => {
    const { name, files } = madeUpRun(number);
    const { "results/metrics.json": _, "manifest.json": __, ...given } = files;
    const identity = JSON.parse(files["config.json"] ?? "");
    const optimizer = number === 1000 ? {} : { optimizer: number === 1001 ? null : { kind: null } };
    const config = { ...identity.config, optimizer: undefined, ...optimizer };
    const text = JSON.stringify({ ...identity, config });
    writeFiles(`${store}/.attempts/${name}/1`, { ...given, "config.json": text });
  });
  return store;
}

function inStore<Result>(body: (database: Database) => Result): Result {
  return withIndex(indexOptions(createMixedStore()), ({ database }) => body(database));
}

function namesOf(database: Database, ids: readonly number[]): readonly string[] {
  return readRuns(database, ids).map(({ name }) => name);
}

test("the numbers of a filter are those of its runs, in their order, however many there are", () => {
  inStore((database) => {
    let numAlone = 0;
    assert(
      property(filters, boolean(), (filter, isMany) => {
        const ids = selectIds(database, { filter, now }, { many: isMany ? 0 : 2_000 });
        const { runs } = selectRuns(database, { filter, now });
        expect(namesOf(database, ids)).toEqual(runs.map(({ name }) => name));
        numAlone += Number(
          filterParts(database, filter, now)[0]?.text.includes("stored_runs") === false,
        );
      }),
      { numRuns: 300 },
    );
    expect(numAlone).toBeGreaterThan(10);
  });
});

test("what asks for values alone looks no run up, and what a run without a value meets does", () => {
  inStore((database) => {
    const numLookups = (filter: string) =>
      filterParts(database, filter, now).map(({ text }) => Number(text.includes("stored_runs")));
    expect(numLookups("seed < 3 and optimizer.kind in (lion, sgd)")).toEqual([0, 0]);
    expect(numLookups("seed < 3 or seed = 4")).toEqual([0]);
    expect(numLookups("seed < 3 or optimizer.kind = lion")).toEqual([1]);
    expect(numLookups("seed != 3 and not optimizer.kind = lion and seed > 1")).toEqual([0, 1]);
    expect(numLookups("optimizer.kind = null and status = finished")).toEqual([1]);
    expect(numLookups("max(train.loss) > 0 and train.loss < 9")).toEqual([0, 0]);
    expect(numLookups("")).toEqual([]);
  });
});

test("more conditions than a byte counts are all asked", () => {
  inStore((database) => {
    const filter = [...Array.from({ length: 300 }, () => "seed < 9"), "seed = 3"].join(" and ");
    expect(selectIds(database, { filter, now })).toEqual(
      selectIds(database, { filter: "seed = 3", now }),
    );
  });
});

test.each(["optimizer.kind", "seed", "test.loss", "status"])(
  "groups by %s are the same with and without a filter that takes all runs",
  (name) => {
    inStore((database) => {
      const field = namedField(createFields(database), name, "grouped by");
      const groups = (filter: string) => {
        const by = { field, maxGroups: 100 };
        return new Set(selectIdsBy(database, { filter, now }, by).map((ids) => ids.join(" ")));
      };
      const runs = namesOf(database, selectIds(database, { now }));
      expect(runs).toHaveLength(63);
      expect(groups(" ")).toEqual(groups("seed >= 0 or not seed >= 0"));
      const all = [...groups("")].flatMap((text) => text.split(" "));
      expect(new Set(all).size).toBe(63);
      expect(all).toHaveLength(63);
    });
  },
);

test("one group more than asked for tells that there are more", () => {
  inStore((database) => {
    const field = namedField(createFields(database), "seed", "grouped by");
    for (const filter of ["", "seed >= 0"]) {
      const groups = selectIdsBy(database, { filter, now }, { field, maxGroups: 2 });
      expect(groups).toHaveLength(3);
    }
  });
});
