/** CSV and Parquet read back by pandas and pyarrow. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { csvFormat } from "../../src/track/csv/csv-format.ts";
import { parquetFormat } from "../../src/track/parquet/parquet-format.ts";
import { writeTables } from "../../src/track/table-files.ts";
import { temporaryFolder } from "../unit/store/helpers.ts";
import { viewOf, viewTools } from "../unit/track/helpers.ts";
import { readWithPython } from "./python.ts";
import { hostileMetric, hostileName, writeRuns } from "./runs.ts";

interface ReadTable {
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

test("both say the same: types, NaN and infinities, nothing, hostile names", async () => {
  const { signal } = new AbortController();
  const [root, folder] = [temporaryFolder(), temporaryFolder()];
  const runs = writeRuns(root);
  const views = [
    runs.first,
    runs.second,
    runs.resumed,
    `.attempts/${runs.empty}/1`,
    `.attempts/${runs.hostile}/1`,
  ].map((name) => viewOf(root, join(root, name)));
  for (const format of [csvFormat, parquetFormat])
    await writeTables({ ...viewTools, signal, folder, format }, views);
  const read = readWithPython("read_tables.py", folder) as Record<"runs" | "curves", ReadTable>;
  expect(read.runs.types).toMatchObject({
    run: "string",
    duration: "double",
    "config.seed": "double",
    "config.isDeep": "bool",
    "config.learningRate": "double",
    "metrics.test.accuracy": "double",
  });
  expect(read.runs.rows.map((row) => row["status"])).toEqual([
    "finished",
    "finished",
    "finished",
    "failed",
    "failed",
  ]);
  expect(read.runs.rows[0]).toMatchObject({
    run: runs.first,
    "metrics.test.accuracy": 0.1 + 0.2,
    "config.isDeep": null,
  });
  expect(read.runs.rows[4]).toMatchObject({
    "config.name": hostileName,
    [`metrics.${hostileMetric}`]: "inf",
  });
  const curves = read.curves.rows.map(({ run, metric, step, value }) => [run, metric, step, value]);
  expect(curves.filter(([run]) => run === runs.hostile)).toEqual([
    [runs.hostile, hostileMetric, 0, "inf"],
    [runs.hostile, "a.b", 0, 1e-300],
    [runs.hostile, "a/b", 0, "-inf"],
    [runs.hostile, "train.loss", 0, "nan"],
  ]);
  expect(
    curves.filter(([run]) => run === runs.resumed).map(([, , step, value]) => [step, value]),
  ).toEqual([
    [1, 1],
    [2, 0.5],
    [3, 1 / 3],
  ]);
});
