/** Runs that a filter takes, with the columns that tell them apart. */
import type { JsonValue } from "../../core/json.ts";
import { createFields, type Field } from "../../store/query/fields.ts";
import { valueOf, type IndexedRun, type MetricNumbers } from "../../store/query/indexed-run.ts";
import { namedField, selectRuns } from "../../store/query/select-runs.ts";
import { lookUp, type Lookup, type LookupContext } from "./open-index.ts";

/** A run as the index knows it. */
export type FoundRun = IndexedRun;

/** Numbers of a metric of a run. */
export type FoundNumbers = MetricNumbers;

export interface ListRequest extends LookupContext {
  readonly filter?: string | undefined;
  readonly sort?: string | undefined;
  /** All without it. */
  readonly limit?: number | undefined;
  /** Names with commas between them. */
  readonly columns?: string | undefined;
}

/** A column of a list of runs. */
export interface RunColumn {
  readonly title: string;
  /** What its values are, for whoever writes them down. */
  readonly holds: "metric" | "time" | "duration" | "hash" | "other";
  value(run: IndexedRun): JsonValue | undefined;
}

export interface ListedRuns {
  /** Absolute. */
  readonly store: string;
  readonly runs: readonly IndexedRun[];
  readonly numMatching: number;
  readonly numRuns: number;
  /** Directories that bear a run's name and cannot be read. */
  readonly numDamaged: number;
  readonly columns: readonly RunColumn[];
}

/**
 * Lists runs.
 * @throws {ExpError} `usage` for a filter, an order or columns that cannot be used.
 */
export function listRuns(request: ListRequest): ListedRuns {
  return lookUp(
    request,
    (lookup) => answer(lookup, request),
    ({ runs }) => runs.map(({ name }) => name),
  );
}

function answer(lookup: Lookup, request: ListRequest): ListedRuns {
  const { filter, sort, limit, columns } = request;
  const { database, now, store } = lookup;
  const found = selectRuns(database, {
    now,
    ...(filter === undefined ? {} : { filter }),
    ...(sort === undefined ? {} : { sort }),
    ...(limit === undefined ? {} : { limit }),
  });
  const { runs, numMatching, numRuns } = found;
  const numDamaged = Number(database.first("SELECT count(*) AS n FROM damaged")?.["n"]);
  const chosen =
    columns === undefined || numRuns === 0
      ? usualColumns(found)
      : columns
          .split(",")
          .filter((word) => word.trim() !== "")
          .map((word) => columnOf(namedField(createFields(database), word.trim(), "shown with")));
  return { store, runs, numMatching, numRuns, numDamaged, columns: chosen };
}

function columnOf(field: Field): RunColumn {
  const part = field.kind === "metric" ? field.part : undefined;
  const title = part === undefined ? field.text : `${part}(${field.text})`;
  return { title, holds: holdingOf(field), value: (run) => valueOf(run, field) };
}

function holdingOf(field: Field): RunColumn["holds"] {
  if (field.kind === "metric" || field.text === "score") return "metric";
  if (field.kind !== "fact") return "other";
  const { type } = field;
  return type === "time" || type === "duration" || type === "hash" ? type : "other";
}

/** Beyond this a line of a table is read by nobody. */
const maxConfigColumns = 4;

/** What was asked about, the metrics that select, what the configs differ in, and when. */
function usualColumns({
  runs,
  fields,
}: {
  readonly runs: readonly IndexedRun[];
  readonly fields: readonly Field[];
}): readonly RunColumn[] {
  const asked = fields.filter(({ text }) => !alwaysShown.has(text)).map(columnOf);
  const metrics = mainMetrics(runs).map(metricColumn);
  const differing = differingPaths(runs).map(configColumn);
  const titles = new Set<string>();
  const isNew = ({ title }: RunColumn): boolean =>
    !titles.has(title) && titles.add(title) !== undefined;
  const main = [...asked, ...metrics].filter(isNew);
  return [...main, ...differing.filter(isNew).slice(0, maxConfigColumns)];
}

const alwaysShown = new Set(["run", "experiment", "status", "started"]);

/** The metrics by which the runs choose, each with its counterpart on the test part. */
function mainMetrics(runs: readonly IndexedRun[]): readonly string[] {
  const names = runs.flatMap(({ selection }) =>
    selection === undefined
      ? []
      : [selection.metric, selection.metric.replace(/^validation\./u, "test.")],
  );
  const named = new Set(names);
  if (named.size > 0) return [...named].filter((name) => runs.some((run) => run.metrics.has(name)));
  return [...new Set(runs.flatMap((run) => [...run.metrics.keys()].slice(0, 2)))].slice(0, 2);
}

function metricColumn(title: string): RunColumn {
  return {
    title,
    holds: "metric",
    value: ({ metrics }) => metrics.get(title)?.final ?? metrics.get(title)?.last,
  };
}

function configColumn(title: string): RunColumn {
  return { title, holds: "other", value: ({ config }) => config.get(title) };
}

/** Paths that change nothing of a result, or are shown anyway. */
const quietPaths =
  /^(?:description|tags|name|logging\.|checkpointing\.|tracking|threads|runsDirectory)/u;

/** Paths whose values are not the same in all runs: those that all runs have, then the others; what people vary most first. */
export function differingPaths(runs: readonly IndexedRun[]): readonly string[] {
  const values = new Map<string, { readonly texts: Set<string>; numRuns: number }>();
  for (const { config } of runs) {
    for (const [path, value] of config) {
      const seen = values.get(path) ?? { texts: new Set(), numRuns: 0 };
      seen.texts.add(JSON.stringify(value));
      seen.numRuns++;
      values.set(path, seen);
    }
  }
  const isEverywhere = (path: string): boolean => values.get(path)?.numRuns === runs.length;
  return [...values]
    .filter(
      ([path, { texts }]) => !quietPaths.test(path) && (texts.size > 1 || !isEverywhere(path)),
    )
    .map(([path]) => path)
    .toSorted((a, b) => Number(isEverywhere(b)) - Number(isEverywhere(a)) || rank(a) - rank(b));
}

/** What people vary most is told first. */
function rank(path: string): number {
  const order = ["optimizer.", "model.", "training.", "schedule.", "data.", "tokenizer."];
  const place = order.findIndex((start) => path.startsWith(start));
  return path === "seed" ? order.length + 1 : place === -1 ? order.length : place;
}
