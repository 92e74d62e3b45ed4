/** Runs of a table: one row a run, or one row a step of a run. */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { createBrokenRows, type BrokenRows } from "../../data/broken-rows.ts";
import { splitRows, type Row } from "../../data/delimited-rows.ts";
import type { ForeignRow, ForeignRun } from "../../store/foreign-runs.ts";
import { chooseColumns, type ColumnChoice, type TableColumns } from "./csv-columns.ts";
import type { FoundRun, FoundRuns } from "./found-runs.ts";
import { unguarded } from "../../track/csv/csv-text.ts";
import { configValueOf, figureOf, nestedConfig } from "./text-values.ts";

/** Larger tables are not what a person looks at. */
const maxBytes = 256_000_000;

const hint =
  "See exp import --help for the columns that are read; nothing was imported, so mend the file and try again.";

/**
 * The runs of a table. Beside a `runs.csv` that `exp export --to csv` wrote, the curves of `curves.csv` are read too.
 * @param path - Absolute.
 * @throws {ExpError} `data` with the rows that cannot be read; `usage` where no column names the runs.
 */
export function readCsvRuns(path: string, choice: ColumnChoice): FoundRuns {
  const experiment = basename(path, extname(path));
  const broken = createBrokenRows(basename(path), hint);
  const [header, ...rows] = rowsOf(path, broken);
  if (header === undefined) throw new ExpError("data", `${path} is empty.`, { hint });
  const columns = chooseColumns(header.cells, choice);
  const plain = columns.isOwnExport ? unguardedRow : (row: Row): Row => row;
  const runs = new Map<string, Building>();
  const numRows = rows.length + broken.count();
  for (const row of rows) addRow(plain(row), { columns, runs, broken, experiment });
  broken.check(numRows);
  if (columns.isOwnExport) addCurves(join(dirname(path), "curves.csv"), runs);
  return { runs: [...runs.values()].map(finish), warnings: [] };
}

interface Building extends Pick<
  ForeignRun,
  "id" | "experiment" | "status" | "started" | "ended" | "tags"
> {
  readonly leaves: Map<string, JsonValue>;
  readonly results: Map<string, number>;
  readonly steps: Map<number, { epoch?: number; readonly values: Map<string, number> }>;
}

function rowsOf(path: string, broken: BrokenRows): readonly Row[] {
  const size = statSync(path).size;
  if (size > maxBytes) {
    throw new ExpError("data", `${path} has ${size} bytes; at most ${maxBytes} are read.`, {
      hint: "Cut it into several files.",
    });
  }
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/u, "");
  return splitRows(text, { delimiter: ",", quoting: "double" }, broken);
}

function unguardedRow({ cells, ...row }: Row): Row {
  return { ...row, cells: cells.map(unguarded) };
}

interface Adding {
  readonly columns: TableColumns;
  readonly runs: Map<string, Building>;
  readonly broken: BrokenRows;
  readonly experiment: string;
}

function addRow({ number, cells }: Row, { columns, runs, broken, experiment }: Adding): void {
  if (cells.length !== columns.numColumns) {
    broken.add(number, `${cells.length} cells; the header has ${columns.numColumns}`);
    return;
  }
  const cell = (index: number | undefined): string => cells[index ?? -1] ?? "";
  const id = cell(columns.id);
  const step = columns.step === undefined ? undefined : figureOf(cell(columns.step));
  if (id === "") return broken.add(number, "no name of a run");
  if (columns.step === undefined && runs.has(id))
    return broken.add(number, `the run ${JSON.stringify(id)} once more, and no column step`);
  if (columns.step !== undefined && (step === undefined || !Number.isFinite(step)))
    return broken.add(number, `step is ${JSON.stringify(cell(columns.step))}, no number`);
  const text = (name: string): string => cell(columns.facts.get(name));
  const run = runs.get(id) ?? begin(id, text("experiment") || experiment, text);
  runs.set(id, run);
  for (const [name, index] of columns.config) {
    if (cell(index) !== "" && !run.leaves.has(name))
      run.leaves.set(name, configValueOf(cell(index)));
  }
  const values = new Map<string, number>();
  for (const [name, index] of columns.metrics) {
    if (cell(index) === "") continue;
    const value = figureOf(cell(index));
    if (value === undefined)
      broken.add(number, `metric ${name} is ${JSON.stringify(cell(index))}, no number`);
    else values.set(name, value);
  }
  for (const [name, value] of values) run.results.set(name, value);
  if (step !== undefined) run.steps.set(step, { values });
}

function begin(id: string, experiment: string, text: (name: string) => string): Building {
  const [status, started, ended] = [text("status"), text("started"), text("ended")];
  return {
    id,
    experiment,
    ...(status !== "" && { status }),
    ...(started !== "" && { started }),
    ...(ended !== "" && { ended }),
    tags: text("tags")
      .split(/\s+/u)
      .filter((tag) => tag !== ""),
    leaves: new Map(),
    results: new Map(),
    steps: new Map(),
  };
}

const curveHeader = ["run", "experiment", "metric", "step", "epoch", "value"];

function addCurves(path: string, runs: ReadonlyMap<string, Building>): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
  const broken = createBrokenRows(basename(path), hint);
  const [header, ...rows] = rowsOf(path, broken);
  if (header?.cells.join() !== curveHeader.join()) return; // another's file of that name
  const numRows = rows.length + broken.count();
  for (const { number, cells } of rows.map(unguardedRow)) {
    const [id = "", , metric = "", stepText = "", epochText = "", valueText = ""] = cells;
    const [step, value] = [figureOf(stepText), figureOf(valueText)];
    if (step === undefined || value === undefined || cells.length !== curveHeader.length) {
      broken.add(number, "no step or no figure");
      continue;
    }
    const run = runs.get(id);
    const epoch = figureOf(epochText);
    const row = run?.steps.get(step) ?? { values: new Map<string, number>() };
    if (epoch !== undefined) row.epoch = epoch;
    row.values.set(metric, value);
    run?.steps.set(step, row);
  }
  broken.check(numRows);
}

function finish({ leaves, steps, ...run }: Building): FoundRun {
  const rows = [...steps]
    .toSorted(([a], [b]) => a - b)
    .map(([step, row]): ForeignRow => ({ step, ...row }));
  return { ...run, config: nestedConfig(leaves), rows };
}
