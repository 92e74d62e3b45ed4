/** Tables of runs and curves. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../../src/store/store.ts";
import { csvFormat } from "../../../src/track/csv/csv-format.ts";
import { parquetFormat } from "../../../src/track/parquet/parquet-format.ts";
import { writeTables, type WrittenTables } from "../../../src/track/table-files.ts";
import { temporaryFolder } from "../store/helpers.ts";
import { attemptOptions, begin, publishRun, runEvents } from "../store/sample-run.ts";
import { viewOf, viewTools } from "./helpers.ts";

const { signal } = new AbortController();
const tools = { ...viewTools, signal };

async function write(format = csvFormat, folder = temporaryFolder()): Promise<WrittenTables> {
  const root = temporaryFolder();
  const store = openStore(root);
  const config = { seed: "two", name: "a,b", lists: [1, 2] };
  const attempt = begin(store, attemptOptions(2, { config }));
  attempt.record({ kind: "metrics", step: 0, epoch: 0, values: { "train.loss": NaN } });
  const views = [viewOf(root, publishRun(store, 1, runEvents(2))), viewOf(root, attempt.directory)];
  return writeTables({ ...tools, folder, format }, views);
}

test("one row a run, one row a figure", async () => {
  const { runs, curves, numRuns, numFigures } = await write();
  expect([numRuns, numFigures]).toEqual([2, 3]);
  const [header = "", finished = "", running = ""] = readFileSync(runs, "utf8").split("\n");
  expect(header.split(",").slice(0, 3)).toEqual(["run", "runKey", "experiment"]);
  expect(header).toMatch(
    /,steps,config\.lists,config\.model\.kind,config\.name,config\.seed,metrics\.test\.accuracy,metrics\.train\.loss,metrics\.validation\.accuracy$/u,
  );
  expect(finished).toMatch(/,2,,mlp,,1,0\.30000000000000004,0\.5,0\.5$/u);
  expect(running).toMatch(/,,"\[1,2\]",,"a,b",two,,NaN,$/u);
  const run = attemptOptions(1).identities.runKey.slice(0, 16);
  expect(readFileSync(curves, "utf8").split("\n").slice(0, 2)).toEqual([
    "run,experiment,metric,step,epoch,value",
    `${run},bert-lr,train.loss,1,1,1`,
  ]);
});

test.each([csvFormat, parquetFormat])(
  "$ending: written anew each time, without leftovers",
  async (format) => {
    const folder = temporaryFolder();
    const first = readFileSync((await write(format, folder)).curves);
    expect(readFileSync((await write(format, folder)).curves).equals(first)).toBe(true);
    const { ending } = format;
    expect(readdirSync(folder)).toEqual([`curves.${ending}`, `runs.${ending}`]);
  },
);

test.each([csvFormat, parquetFormat])(
  "$ending: a file that is not ours is left alone",
  async (format) => {
    const folder = temporaryFolder();
    const path = join(folder, `runs.${format.ending}`);
    writeFileSync(path, "name,age\n");
    await expect(write(format, folder)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path, "utf8")).toBe("name,age\n");
    expect(existsSync(join(folder, `curves.${format.ending}`))).toBe(false);
  },
);

test.each([csvFormat, parquetFormat])(
  "an empty table of $ending is known as ours and replaced",
  async (format) => {
    const folder = temporaryFolder();
    await writeTables({ ...tools, folder, format }, []);
    expect((await write(format, folder)).numRuns).toBe(2);
  },
);

test("a table of one's own that begins with the words run and experiment is left alone", async () => {
  for (const name of ["runs.csv", "curves.csv"]) {
    const folder = temporaryFolder();
    const own = "run,experiment,accuracy\n1,bert,0.5\n";
    writeFileSync(join(folder, name), own);
    await expect(write(csvFormat, folder)).rejects.toMatchObject({ code: "usage" });
    expect(readFileSync(join(folder, name), "utf8")).toBe(own);
  }
});

test("no run at all is an empty table", async () => {
  const folder = temporaryFolder();
  const { runs, curves } = await writeTables({ ...tools, folder, format: csvFormat }, []);
  expect([readFileSync(runs, "utf8"), readFileSync(curves, "utf8")]).toEqual([
    "run,runKey,experiment\n",
    "run,experiment,metric,step,epoch,value\n",
  ]);
});

test("two processes do not write the same tables at once, and who comes second is told", async () => {
  const folder = temporaryFolder();
  const first = write(csvFormat, folder);
  await expect(write(csvFormat, folder)).rejects.toMatchObject({
    code: "run-active",
    message: expect.stringContaining(`The tables in ${folder} are being written already`),
  });
  expect((await first).numRuns).toBe(2);
  expect((await write(parquetFormat, folder)).numRuns).toBe(2);
});
