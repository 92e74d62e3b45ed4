/** The numbers of runs, for look-ups that do not want to know all of each. */
import { parseJson } from "../../core/json.ts";
import type { Cell, Database } from "../index/database.ts";
import type { Field } from "./fields.ts";
import type { Joins } from "./joins.ts";
import { compileQuery, type RunQuery } from "./select-runs.ts";

/** Which runs are meant: those of a filter (all without one), or of an experiment. */
export type RunSet = { readonly now: Date } & (
  Pick<RunQuery, "filter"> | { readonly experiment: string }
);

/**
 * The runs of a set, the newest first.
 * @throws {ExpError} `usage` for a filter that cannot be used.
 */
export function selectIds(database: Database, set: RunSet): readonly number[] {
  const { where, values, joins } = conditionOf(database, set);
  const hits =
    where === "1"
      ? "SELECT id FROM stored_runs ORDER BY started DESC, name"
      : `SELECT r.id AS id FROM stored_runs r ${joins.sql()} WHERE ${where} ORDER BY r.started DESC, r.name`;
  // One text for all of them: an object for each row would take longer than finding them.
  const row = database.first(`SELECT json_group_array(id) AS ids FROM (${hits})`, ...values);
  return idsIn(row?.["ids"]);
}

/**
 * The runs of a set by what they have in a field, the newest first; runs without a value are one group.
 * @param maxGroups - One more than these are given back where there are more.
 * @throws {ExpError} `usage` for a filter that cannot be used.
 */
export function selectIdsBy(
  database: Database,
  set: RunSet,
  { field, maxGroups }: { readonly field: Field; readonly maxGroups: number },
): readonly (readonly number[])[] {
  const { where, values, joins } = conditionOf(database, set);
  const { value, kind } = groupExpression(field, joins);
  const rows = database.all(
    `SELECT json_group_array(id) AS ids FROM
      (SELECT r.id AS id, ${value} AS value, ${kind} AS kind FROM stored_runs r ${joins.sql()}
        WHERE ${where} ORDER BY r.started DESC, r.name)
      GROUP BY value, CASE WHEN value IS NULL THEN NULL ELSE kind END LIMIT ?`,
    ...values,
    maxGroups + 1,
  );
  return rows.map(({ ids }) => idsIn(ids));
}

/**
 * How many values a set of runs has in a field.
 * @throws {ExpError} `usage` for a filter that cannot be used.
 */
export function countValues(database: Database, set: RunSet, field: Field): number {
  const { where, values, joins } = conditionOf(database, set);
  const { value, kind } = groupExpression(field, joins);
  const row = database.first(
    `SELECT count(*) AS n FROM (SELECT 1 FROM
      (SELECT ${value} AS value, ${kind} AS kind FROM stored_runs r ${joins.sql()} WHERE ${where})
      GROUP BY value, CASE WHEN value IS NULL THEN NULL ELSE kind END)`,
    ...values,
  );
  return Number(row?.["n"]);
}

function conditionOf(
  database: Database,
  set: RunSet,
): { readonly where: string; readonly values: readonly Cell[]; readonly joins: Joins } {
  if (!("experiment" in set)) return compileQuery(database, set);
  const { joins } = compileQuery(database, { now: set.now });
  return { where: "r.experiment = ?", values: [set.experiment], joins };
}

/** What is equal in runs of one group; the kind tells `1` from `true` in a config. */
function groupExpression(
  field: Field,
  joins: Joins,
): { readonly value: string; readonly kind: string } {
  switch (field.kind) {
    case "fact":
      return { value: factExpression(field, joins), kind: "0" };
    case "config":
      return joins.config(field.id);
    case "element": {
      const { value, kind } = joins.config(field.id);
      return {
        value: `CASE WHEN json_valid(${value}) THEN ${value} -> '$[${field.index}]' END`,
        kind,
      };
    }
    case "metric":
      return { value: joins.metric(field.id, field.part), kind: "0" };
  }
}

function factExpression(field: Extract<Field, { kind: "fact" }>, joins: Joins): string {
  switch (field.type) {
    case "tags":
      return "(SELECT json_group_array(tag ORDER BY tag) FROM shown_tags WHERE run_name = r.name)";
    case "notes":
      return "(SELECT json_group_array(text ORDER BY time, rowid) FROM run_notes WHERE run_name = r.name)";
    default:
      return joins.fact(field.column);
  }
}

function idsIn(cell: Cell | undefined): readonly number[] {
  const ids = parseJson(typeof cell === "string" ? cell : "[]");
  return Array.isArray(ids) ? (ids as readonly number[]) : [];
}
