import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookUp, type LookupContext } from "../../../../src/app/lookups/open-index.ts";
import { openDatabase } from "../../../../src/store/index/database.ts";
import { createStore } from "../../store/index/stores.ts";

function contextOf(store: string): LookupContext {
  const environment = { XDG_CACHE_HOME: join(store, "../cache") };
  return { runsDirectory: store, workingDirectory: join(store, ".."), environment };
}

test("all queries of one look-up see one state of the index, though another process writes between them", () => {
  const store = createStore(2);
  const context = contextOf(store);
  const count = "SELECT count(*) AS n FROM loose_runs";
  const seen = lookUp(context, ({ database }) => {
    const before = database.first(count);
    const [name = ""] = readdirSync(join(store, ".index")).filter((one) => one.endsWith(".sqlite"));
    const other = openDatabase(join(store, ".index", name));
    other.run("DELETE FROM loose_runs");
    other.close();
    return [before, database.first(count)];
  });
  expect(seen).toEqual([{ n: 2 }, { n: 2 }]);
  expect(lookUp(context, ({ database }) => database.first(count))).toEqual({ n: 0 });
});

test("a look-up that fails leaves the index as usable as it was", () => {
  const context = contextOf(createStore(1));
  const fail = (): never => {
    throw new Error("no answer");
  };
  expect(() => lookUp(context, fail)).toThrow("no answer");
  const count = ({ database }: { database: { first(sql: string): unknown } }): unknown =>
    database.first("SELECT count(*) AS n FROM runs");
  expect(lookUp(context, count)).toEqual({ n: 1 });
});
