/** Runs as a table, and all their curves as another: plain cells, which CSV and Parquet write down. */
import type { FileSystem } from "../store/file-system.ts";
import { timeText } from "../store/times.ts";
import { readRowsFrom, remainingRows, type TrackedRow } from "./metric-rows.ts";
import type { RunView } from "./run-view.ts";

/** `undefined` where a run has nothing there. */
export type Cell = boolean | number | string | undefined;

/** What the cells of a column are. */
export interface Column {
  readonly name: string;
  readonly kind: "boolean" | "number" | "text";
}

/** A table whose rows are all there. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * One row a run: facts, `config.<path>` of all configs, and each metric's figure of the result, or the last that was logged
 * where there is no result. A column whose cells are not all numbers, or all truth values, is text.
 * @param lastRows - The last figures logged of a run, by its key.
 */
export function runTable(
  views: readonly RunView[],
  lastRows: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Table {
  const records = views.map((view) => recordOf(view, lastRows.get(view.runKey)));
  const names = columnNames(records);
  const columns = names.map((name): Column => {
    const kinds = new Set(records.map((record) => typeof record.get(name)));
    kinds.delete("undefined");
    const [kind] = kinds;
    const isPlain = kinds.size === 1 && (kind === "number" || kind === "boolean");
    return { name, kind: isPlain ? kind : "text" };
  });
  return {
    columns,
    rows: records.map((record) =>
      columns.map(({ name, kind }) => {
        const cell = record.get(name);
        return kind === "text" && cell !== undefined ? String(cell) : cell;
      }),
    ),
  };
}

/** Columns of the curves: one row a figure. */
export const curveColumns: readonly Column[] = [
  { name: "run", kind: "text" },
  { name: "experiment", kind: "text" },
  { name: "metric", kind: "text" },
  { name: "step", kind: "number" },
  { name: "epoch", kind: "number" },
  { name: "value", kind: "number" },
];

/** The figures of rows of a run. */
export function curveRows(
  { name, experiment }: RunView,
  rows: readonly TrackedRow[],
): readonly (readonly Cell[])[] {
  return rows.flatMap(({ step, epoch, values }) =>
    Array.from(values, ([metric, value]) => [name, experiment, metric, step, epoch, value]),
  );
}

/** All rows that a run has logged; none where its log is gone. */
export function loggedRows(
  files: FileSystem,
  { directory }: Pick<RunView, "directory">,
): readonly TrackedRow[] {
  const reader = readRowsFrom(files, directory);
  return reader === undefined ? [] : remainingRows(reader);
}

/** The last figure of each metric. */
export function lastFigures(rows: readonly TrackedRow[]): ReadonlyMap<string, number> {
  return new Map(rows.flatMap(({ values }) => [...values]));
}

type RunRecord = ReadonlyMap<string, Cell>;

function recordOf(view: RunView, last: ReadonlyMap<string, number> = new Map()): RunRecord {
  const { identities, git, startedMs, endedMs, tags } = view;
  const hasTimes = startedMs !== undefined && endedMs !== undefined;
  const facts: readonly (readonly [string, Cell])[] = [
    ["run", view.name],
    ["runKey", view.runKey],
    ["experiment", view.experiment],
    ["title", view.title],
    ["task", view.task?.name],
    ["status", view.status],
    ["reason", view.reason],
    ["started", startedMs === undefined ? undefined : timeText(startedMs)],
    ["ended", endedMs === undefined ? undefined : timeText(endedMs)],
    ["duration", hasTimes ? (endedMs - startedMs) / 1000 : undefined],
    ["tags", tags.length === 0 ? undefined : tags.join(" ")],
    ["configHash", identities.configHash],
    ["groupHash", identities.groupHash],
    ["codeHash", identities.codeHash],
    ["dataHash", identities.dataHash],
    ["environmentClass", identities.environmentClass],
    ["weightsDigest", identities.weightsDigest],
    ["traceDigest", identities.traceDigest],
    ["git.commit", git.commit],
    ["git.branch", git.branch],
    ["git.dirty", git.commit === undefined ? undefined : git.isDirty],
    ["steps", view.results?.step],
  ];
  const config = Array.from(view.values, ([path, value]): [string, Cell] => [
    `config.${path}`,
    value ?? undefined,
  ]);
  const figures = new Map([...last, ...Object.entries(view.results?.metrics ?? {})]);
  return new Map<string, Cell>([...facts, ...config, ...prefixed(figures)]);
}

function prefixed(figures: ReadonlyMap<string, number>): readonly (readonly [string, Cell])[] {
  return Array.from(figures, ([name, value]) => [`metrics.${name}`, value]);
}

/** Facts in their order, then what configs and metrics have, each in code-unit order. */
function columnNames(records: readonly RunRecord[]): readonly string[] {
  // Those that tell a table of no runs from any other file of the name.
  const names = [
    ...new Set(["run", "runKey", "experiment", ...records.flatMap((record) => [...record.keys()])]),
  ];
  const starting = (start: string): readonly string[] =>
    names.filter((name) => name.startsWith(start)).toSorted();
  const others = names.filter((name) => !/^(?:config|metrics)\./u.test(name));
  return [...others, ...starting("config."), ...starting("metrics.")];
}
