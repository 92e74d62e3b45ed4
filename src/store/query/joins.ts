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
}

/** What few look-ups ask about lies aside, so that all the others read less. */
const detailColumns = new Set(
  "run_key reason host git_commit config_hash group_hash code_hash data_hash environment_class weights_digest trace_digest".split(
    " ",
  ),
);

/** No table is joined yet. */
export function createJoins(): Joins {
  const joined = new Map<string, string>();
  const aliasOf = (prefix: string, id: number, sql: (alias: string) => string): string => {
    const alias = `${prefix}${id}`; // numbers of rows, never a text of the user's
    if (!joined.has(alias)) joined.set(alias, sql(alias));
    return alias;
  };
  const metricAlias = (id: number): string =>
    aliasOf("m", id, (alias) => {
      return `LEFT JOIN metric_values ${alias} ON ${alias}.metric = ${id} AND ${alias}.run = r.id`;
    });
  return {
    fact: (column) => {
      if (!detailColumns.has(column)) return `r.${column}`;
      joined.set("d", "LEFT JOIN run_details d ON d.run = r.id");
      return `d.${column}`;
    },
    config: (id) => {
      const alias = aliasOf("c", id, (name) => {
        return `LEFT JOIN config_values ${name} ON ${name}.path = ${id} AND ${name}.run = r.id`;
      });
      return { value: `${alias}.value`, kind: `${alias}.kind` };
    },
    metric: (id, part) => `${metricAlias(id)}.${part ?? "value"}`,
    isNan: (id) => `${metricAlias(id)}.is_nan`,
    sql: () => [...joined.values()].join(" "),
  };
}
