/** The index says what the files say: after any change of the store, and after any damage to itself. */
import {
  existsSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../../../src/store/index/database.ts";
import { rebuildIndex, withIndex } from "../../../../src/store/index/run-index.ts";
import { inAttempts } from "../../../../src/store/index/schema.ts";
import { selectRuns } from "../../../../src/store/query/select-runs.ts";
import { createDraws, madeUpRun, writeMadeUpRuns } from "../../../bench/made-up-runs.ts";
import { createStore, indexOptions, select, writeFiles } from "./stores.ts";

const numRuns = 12;

function names(store: string): readonly string[] {
  return select(store)
    .runs.map(({ name }) => name)
    .toSorted();
}

function expected(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => madeUpRun(from + index).name).toSorted();
}

/** The database in use. */
function fileOf(store: string): string {
  const folder = join(store, ".index");
  return join(folder, readFileSync(join(folder, "current"), "utf8").trim());
}

function numLeaves(value: unknown): number {
  const isTree = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isTree) return 1;
  return Object.values(value).reduce((sum: number, child) => sum + numLeaves(child), 0);
}

/** Lets a directory look as if nothing had happened in it for an hour. */
function age(path: string): void {
  const past = new Date(Date.now() - 3_600_000);
  utimesSync(path, past, past);
}

test("runs that are published, removed and put back are seen", () => {
  const store = createStore(numRuns);
  expect(names(store)).toEqual(expected(0, numRuns));
  writeMadeUpRuns(store, numRuns, numRuns + 3);
  expect(names(store)).toEqual(expected(0, numRuns + 3));
  const { name } = madeUpRun(0);
  renameSync(join(store, name), join(dirname(store), name));
  expect(names(store)).toEqual(expected(1, numRuns + 3));
  renameSync(join(dirname(store), name), join(store, name));
  expect(names(store)).toEqual(expected(0, numRuns + 3));
});

test("a store that did not change for a while is not listed again", () => {
  const store = createStore(numRuns);
  names(store); // makes .index, which changes the directory
  age(store);
  names(store);
  const real = indexOptions(store).files;
  const listed: string[] = [];
  const files = {
    ...real,
    list: (path: string) => {
      listed.push(path);
      return real.list(path);
    },
  };
  expect(select(store, "", { files }).numRuns).toBe(numRuns);
  expect(listed).not.toContain(store);
});

test("what the index says of a run is what its files say", () => {
  const store = createStore(3);
  for (const number of [0, 1, 2]) {
    const { name, files } = madeUpRun(number);
    const run = select(store, `run = ${name}`).runs[0];
    const config: unknown = JSON.parse(files["config.json"] ?? "");
    const nested = (path: string): unknown =>
      path
        .split(".")
        .reduce((value: unknown, key) => (value as Record<string, unknown>)[key], config);
    expect(run?.config.size).toBe(numLeaves(config));
    for (const [path, value] of run?.config ?? []) expect(value, path).toEqual(nested(path));
    const results = JSON.parse(files["results/metrics.json"] ?? "") as {
      metrics: Record<string, number>;
    };
    for (const [metric, value] of Object.entries(results.metrics)) {
      expect(run?.metrics.get(metric)?.final, metric).toBe(value);
    }
    const rows = (files["logs/metrics.jsonl"] ?? "")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, number>);
    const losses = rows.map((row) => row["train.loss"] ?? Number.NaN);
    expect(run?.metrics.get("train.loss")).toMatchObject({
      last: losses.at(-1),
      min: Math.min(...losses),
      max: Math.max(...losses),
    });
    const scores = rows.map((row) => row["validation.accuracy"] ?? 0);
    const best = rows[scores.indexOf(Math.max(...scores))];
    expect(run?.metrics.get("train.loss")?.best).toBe(best?.["train.loss"]);
  }
});

test.each([
  ["no database", (file: string) => writeFileSync(file, "no database at all".repeat(500))],
  ["an empty file", (file: string) => truncateSync(file, 0)],
  ["half a file", (file: string) => truncateSync(file, 8192)],
  ["another version", (file: string) => openDatabase(file).execute("PRAGMA user_version = 99")],
  ["a lost table", (file: string) => openDatabase(file).execute("DROP TABLE metric_values")],
  ["a lost file", (file: string) => rmSync(file)],
  [
    "a pointer to nowhere",
    (file: string) => writeFileSync(join(dirname(file), "current"), "../../x\n"),
  ],
])("an index that is %s is made anew", (_, damage) => {
  const store = createStore(numRuns);
  const before = select(store, "validation.accuracy > 0.6", { sort: "seed" });
  damage(fileOf(store));
  const after = select(store, "validation.accuracy > 0.6", { sort: "seed" });
  expect(after).toEqual(before);
  expect(after.numMatching).toBeGreaterThan(0);
  expect(
    readdirSync(join(store, ".index")).filter((name) => name.endsWith(".sqlite")),
  ).toHaveLength(1);
});

test("pages of zeros anywhere are found, or change no answer", () => {
  const store = createStore(numRuns);
  const ask = () => select(store, "validation.accuracy > 0.6", { sort: "-validation.accuracy" });
  const before = ask();
  const draw = createDraws(5);
  for (let round = 0; round < 40; round++) {
    const file = fileOf(store);
    const descriptor = openSync(file, "r+");
    const page = Math.floor((draw() * statSync(file).size) / 4096);
    writeSync(descriptor, new Uint8Array(4096), 0, 4096, page * 4096);
    closeSync(descriptor);
    expect(ask(), `page ${page}`).toEqual(before);
    rebuildIndex(indexOptions(store));
  }
});

test("where nothing can be written beside the runs, the index is in the user's cache, else in memory", () => {
  const store = createStore(numRuns);
  writeFileSync(join(store, ".index"), "not a folder");
  const cacheDirectory = join(dirname(store), "cache");
  const place = (more: object) => withIndex(indexOptions(store, more), ({ file }) => file);
  expect(place({ cacheDirectory })).toMatch(join(cacheDirectory, "index"));
  expect(place({})).toBeUndefined();
  const cached = select(store, "seed = 1", { cacheDirectory });
  expect(cached.numMatching).toBe(3);
  expect(select(store, "seed = 1")).toEqual(cached);
  writeFileSync(join(dirname(store), "blocked"), "");
  expect(
    select(store, "seed = 1", { cacheDirectory: join(dirname(store), "blocked/cache") }),
  ).toEqual(cached);
});

test("a store that does not exist has no runs and is not made", () => {
  const store = join(createStore(0), "none");
  expect(select(store)).toMatchObject({ numRuns: 0, numMatching: 0 });
  expect(existsSync(store)).toBe(false);
});

test("a reader is answered while another process writes, and is told so", () => {
  const store = createStore(numRuns);
  names(store);
  const writer = openDatabase(fileOf(store));
  writer.execute("BEGIN IMMEDIATE");
  const warnings: string[] = [];
  writeMadeUpRuns(store, numRuns, numRuns + 1);
  const found = select(store, "", { onWarning: (text) => warnings.push(text), waitMs: 50 });
  expect(found.numRuns).toBe(numRuns);
  expect(warnings).toEqual([expect.stringContaining("Another process is writing the index")]);
  writer.execute("ROLLBACK");
  writer.close();
  expect(names(store)).toEqual(expected(0, numRuns + 1));
});

test("a run that was replaced by another copy is read again when it is shown", () => {
  const store = createStore(2);
  const { name, files } = madeUpRun(0);
  names(store);
  age(store);
  names(store);
  const attempt = (files["attempt.json"] ?? "").replace("experiment-0", "renamed");
  writeFiles(join(store, name), {
    "attempt.json": attempt,
    "manifest.json": `${files["manifest.json"]}\n`,
  });
  const answer = withIndex(indexOptions(store), (index) => {
    const ask = () =>
      selectRuns(index.database, { filter: `run = ${name}`, now: new Date() }).runs[0]?.facts;
    expect(ask()?.["experiment"]).toBe("experiment-0");
    expect(index.recheck([name])).toBe(true);
    expect(index.recheck([name])).toBe(false);
    return ask();
  });
  expect(answer?.["experiment"]).toBe("renamed");
});

test("directories that are no runs are counted as damaged, not listed, and forgotten when they go", () => {
  const store = createStore(2);
  const { name } = madeUpRun(0);
  rmSync(join(store, name, "manifest.json"));
  writeFiles(join(store, "0123456789abcdef"), { "manifest.json": "{}" });
  const damaged = (): unknown =>
    withIndex(indexOptions(store), ({ database }) =>
      database.all("SELECT name FROM damaged ORDER BY name"),
    );
  expect(damaged()).toEqual(
    [{ name: "0123456789abcdef" }, { name }].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
  expect(names(store)).toEqual(expected(1, 2));
  rmSync(join(store, "0123456789abcdef"), { recursive: true });
  expect(damaged()).toEqual([{ name }]);
});

/** Another copy of a made-up run under the same name: whoever made it again called the experiment otherwise. */
function makeAgain(store: string, number: number): string {
  const { name, files } = madeUpRun(number);
  rmSync(join(store, name), { recursive: true, force: true });
  const attempt = (files["attempt.json"] ?? "").replace(/experiment-\d+/u, "made-again");
  writeFiles(join(store, name), { ...files, "attempt.json": attempt });
  return name;
}

test("a run that was damaged, moved away and made again is read", () => {
  const store = createStore(2);
  const { name } = madeUpRun(0);
  rmSync(join(store, name, "manifest.json"));
  expect(names(store)).toEqual(expected(1, 2));
  makeAgain(store, 0);
  expect(select(store, "experiment = made-again").runs).toMatchObject([{ name }]);
});

test("a damaged run that is put right where it lies is read, though nothing moved in the store", () => {
  const store = createStore(2);
  const { name, files } = madeUpRun(0);
  writeFiles(join(store, name), { "manifest.json": "{}" });
  names(store); // makes .index
  age(store);
  expect(names(store)).toEqual(expected(1, 2));
  writeFiles(join(store, name), { "manifest.json": files["manifest.json"] ?? "" });
  expect(names(store)).toEqual(expected(0, 2));
});

test("a run that was removed and made again between two look-ups is read again", () => {
  const store = createStore(3);
  names(store);
  age(store);
  expect(select(store, "experiment = made-again").numMatching).toBe(0);
  const name = makeAgain(store, 1);
  const found = select(store, "experiment = made-again");
  expect(found.runs).toMatchObject([{ name, status: "finished" }]);
  expect(found.numRuns).toBe(3);
});

test("in a large store it is read again where the old one went to the trash", () => {
  const store = createStore(3);
  names(store);
  const index = openDatabase(fileOf(store));
  index.execute(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)
    INSERT INTO stored_runs (name, status) SELECT printf('%016x', i), 'finished' FROM n`);
  index.close();
  const { name } = madeUpRun(1);
  writeFiles(join(store, ".trash/1"), { "origin.json": "{}" });
  renameSync(join(store, name), join(store, ".trash/1", name));
  age(join(store, ".trash"));
  makeAgain(store, 1);
  expect(select(store, "experiment = made-again").runs).toMatchObject([{ name }]);
});

test("an attempt at a run counts again when the published run is gone", () => {
  const store = createStore(2);
  const { name, files } = madeUpRun(0);
  const { "manifest.json": _, "results/metrics.json": __, ...given } = files;
  writeFiles(join(store, ".attempts", name, "1"), given);
  for (const path of [join(store, ".attempts"), store]) age(path);
  expect(select(store, "status = lost").numMatching).toBe(0);
  age(store); // .index was made
  expect(names(store)).toEqual(expected(0, 2));
  rmSync(join(store, name), { recursive: true });
  expect(select(store, "status = lost").runs).toMatchObject([{ name }]);
});

test("attempts that are not published are listed with their status, and leave with them", () => {
  const store = createStore(1);
  const { name, files } = madeUpRun(7);
  const folder = join(store, ".attempts", name, "1");
  const { "manifest.json": _, "results/metrics.json": __, ...given } = files;
  const failure = {
    format: "lockstep/failure/1",
    code: "training",
    message: "it broke\nhere",
    step: 3,
    time: "2026-01-01T00:00:00.000Z",
  };
  writeFiles(folder, given);
  expect(select(store, "status = lost").runs).toHaveLength(1);
  writeFiles(folder, { "failure.json": JSON.stringify(failure) });
  expect(select(store, "status = failed").runs).toMatchObject([{ name, reason: "it broke" }]);
  expect(select(store, "reason ~ broke and last(train.loss) > 0").numMatching).toBe(1);
  writeFiles(folder, { "failure.json": JSON.stringify({ ...failure, code: "interrupted" }) });
  age(join(store, ".attempts"));
  writeFiles(join(store, name), files);
  rmSync(join(store, ".attempts"), { recursive: true });
  expect(select(store).runs.map(({ status }) => status)).toEqual(["finished", "finished"]);
});

test("what each look-up asks for does not read all runs", () => {
  const store = createStore(1);
  select(store);
  withIndex(indexOptions(store), ({ database }) => {
    const planOf = (sql: string): unknown =>
      database.all(`EXPLAIN QUERY PLAN ${sql}`)[0]?.["detail"];
    const inStore = `SELECT name, stamp, status FROM stored_runs JOIN run_details ON run = id WHERE ${inAttempts}`;
    expect(planOf(inStore)).toContain("USING INDEX runs_in_attempts");
    const named = "SELECT 1 FROM stored_runs WHERE experiment = 'bert'";
    expect(planOf(named)).toContain("USING COVERING INDEX runs_by_experiment");
  });
});

test("a disk that is full leaves an index in memory, whatever SQLite takes it for at first", () => {
  const store = createStore(numRuns);
  const warnings: string[] = [];
  const options = { ...indexOptions(store), onWarning: (text: string) => warnings.push(text) };
  const faults = ["disk I/O error", "database or disk is full"].map((text) => new Error(text));
  const found = withIndex(options, ({ database, file }) => {
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
    expect(file).toBeUndefined();
    return database.first("SELECT count(*) AS n FROM stored_runs")?.["n"];
  });
  expect(found).toBe(numRuns);
  expect(warnings).toEqual([
    `The index of the runs in ${join(store, ".index")} cannot be written (database or disk is full). Each command reads all runs until there is room.`,
  ]);
});
