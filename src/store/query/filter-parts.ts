/** A filter as queries whose runs are all in it: what asks for one value of a run is found without looking at the run. */
import type { Database } from "../index/database.ts";
import { createFields, type Fields } from "./fields.ts";
import { filterError, type FilterProblem } from "./filter-error.ts";
import { fieldsOf, filterSql, type Sql } from "./filter-sql.ts";
import { parseFilter, type Filter } from "./filter.ts";
import { createJoins } from "./joins.ts";

/**
 * Queries for the numbers (`id`) of runs; those that every one of them gives are the runs of the filter. None for an empty
 * filter, which takes all runs.
 * @throws {ExpError} `usage` for a filter that cannot be used.
 */
export function filterParts(database: Database, text: string, now: Date): readonly Sql[] {
  const filter = parseFilter(text);
  if (filter === undefined) return [];
  const fields = createFields(database);
  const problems: FilterProblem[] = [];
  const report = (problem: FilterProblem): void => void problems.push(problem);
  const partOf = (items: readonly Filter[], isAlone: boolean): Sql => {
    const joins = createJoins();
    const { text: condition, values } = filterSql(
      { kind: "and", items },
      { fields, joins, now, report },
    );
    const table = isAlone ? joins.alone() : undefined;
    const runs = `SELECT r.id AS id FROM stored_runs r ${joins.sql()} WHERE ${condition}`;
    if (table === undefined) return { text: runs, values };
    return { text: `${table.select} WHERE ${table.where} AND ${condition}`, values };
  };
  const items = filter.kind === "and" ? filter.items : [filter];
  const rest = items.filter((item) => !asksOneValue(item, fields));
  const parts = items.filter((item) => !rest.includes(item)).map((item) => partOf([item], true));
  if (rest.length > 0) parts.push(partOf(rest, false));
  if (problems.length === 0) return parts;
  throw filterError(
    text,
    problems.toSorted((a, b) => a.position - b.position),
  );
}

/** Whether only a run with a value of one path or metric can meet it: runs without one have no row in its table. */
function asksOneValue(filter: Filter, fields: Fields): boolean {
  const found = fieldsOf(filter).map((name) => fields.find(name));
  const tables = found.map((field) => {
    return "message" in field || field.kind === "fact"
      ? undefined
      : `${Number(field.kind === "metric")} ${field.id}`;
  });
  return needsValue(filter) && tables[0] !== undefined && new Set(tables).size === 1;
}

function needsValue(filter: Filter): boolean {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.items.every(needsValue);
    case "not":
      return false;
    case "compare":
      return filter.comparison !== "!=" && filter.value.kind !== "null";
  }
}
