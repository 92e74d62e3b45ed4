/** The tables that a query needs beside `stored_runs r`, each once. */
import type { MetricPart } from "./filter.ts";

/** Expressions of SQL for values that are in other tables; asking for one joins its table. */
export interface Joins {
  /** A column of the facts of a run. */
  fact(column: string): string;
  /** The value of a config's path and its kind. */
  config(id: number): { readonly value: string; readonly kind: string };
  /** A number of a metric; without a part the result's, else the last one logged. */
  metric(id: number, part: MetricPart | undefined): string;
  /** 1 where the number of a metric is NaN, which SQLite does not have. */
  isNan(id: number): string;
  /** What stands behind `FROM stored_runs r`. */
  readonly sql: () => string;
  /** The numbers of the runs in the only table that was joined, without looking each run up: what stands before `WHERE` and after it. */
  readonly alone: () => { readonly select: string; readonly where: string } | undefined;
}

interface JoinedTable {
  readonly table: string;
  /** Which of its rows; `undefined` where a run has one. */
  readonly rows?: string;
}

/** What few look-ups ask about lies aside, so that all the others read less. */
const detailColumns = new Set(
  "run_key reason host git_commit config_hash group_hash code_hash data_hash environment_class weights_digest trace_digest".split(
    " ",
  ),
);

/** No table is joined yet. */
export function createJoins(): Joins {
  const joined = new Map<string, JoinedTable>();
  const aliasOf = (prefix: string, id: number, table: (alias: string) => JoinedTable): string => {
    const alias = `${prefix}${id}`; // numbers of rows, never a text of the user's
    if (!joined.has(alias)) joined.set(alias, table(alias));
    return alias;
  };
  const metricAlias = (id: number): string =>
    aliasOf("m", id, (alias) => ({ table: "metric_values", rows: `${alias}.metric = ${id}` }));
  return {
    fact: (column) => {
      if (!detailColumns.has(column)) return `r.${column}`;
      joined.set("d", { table: "run_details" });
      return `d.${column}`;
    },
    config: (id) => {
      const alias = aliasOf("c", id, (name) => {
        return { table: "config_values", rows: `${name}.path = ${id}` };
      });
      return { value: `${alias}.value`, kind: `${alias}.kind` };
    },
    metric: (id, part) => `${metricAlias(id)}.${part ?? "value"}`,
    isNan: (id) => `${metricAlias(id)}.is_nan`,
    sql: () => [...joined].map(joinSql).join(" "),
    alone: () => {
      const [first, second] = joined;
      if (first === undefined || second !== undefined) return undefined;
      const [alias, { table, rows = "1" }] = first;
      return { select: `SELECT ${alias}.run AS id FROM ${table} ${alias}`, where: rows };
    },
  };
}

function joinSql([alias, { table, rows }]: readonly [string, JoinedTable]): string {
  const ofRun = `${alias}.run = r.id`;
  return `LEFT JOIN ${table} ${alias} ON ${rows === undefined ? ofRun : `${rows} AND ${ofRun}`}`;
}
