/** The runs that a filter takes, in an order. */
import { ExpError } from "../../core/errors.ts";
import type { Cell, Database } from "../index/database.ts";
import { createFields, type Field, type Fields } from "./fields.ts";
import { filterError, type FilterProblem } from "./filter-error.ts";
import { parseFilter } from "./filter.ts";
import { fieldsOf, filterSql } from "./filter-sql.ts";
import { readRuns, type IndexedRun } from "./indexed-run.ts";
import { createJoins, type Joins } from "./joins.ts";

/** What to look for. */
export interface RunQuery {
  /** In the filter language; all runs without it. */
  readonly filter?: string;
  /** Fields with commas between them, `-` before one whose largest come first. Default: the newest first. */
  readonly sort?: string;
  /** Most runs that are given back; all without it. */
  readonly limit?: number;
  /** What `today` and `2d ago` count from. */
  readonly now: Date;
}

/** Some of the runs that matched. */
export interface RunSelection {
  readonly runs: readonly IndexedRun[];
  /** How many runs matched. */
  readonly numMatching: number;
  /** How many runs there are. */
  readonly numRuns: number;
  /** Fields that the filter and the order name, each once. */
  readonly fields: readonly Field[];
}

/**
 * Finds runs. Those without a value to sort by come last; equal ones are in the order of their start, then of their keys.
 * @throws {ExpError} `usage` for a filter, a field or an order that cannot be used.
 */
export function selectRuns(database: Database, query: RunQuery): RunSelection {
  const numRuns = Number(database.first("SELECT count(*) AS n FROM stored_runs")?.["n"]);
  const condition = compileQuery(database, query, numRuns === 0);
  if (numRuns === 0) return { runs: [], numMatching: 0, numRuns, fields: [] };
  const { where, values, joins, fields } = condition;
  const keys = sortKeys(query.sort, createFields(database), { joins, fields });
  const limit = query.limit ?? -1;
  const rows = database.all(statement({ where, keys, joins: joins.sql() }), ...values, limit);
  const [first] = rows;
  return {
    runs: readRuns(
      database,
      rows.map(({ id }) => Number(id)),
    ),
    numMatching: first === undefined ? 0 : where === "1" ? numRuns : Number(first["matching"]),
    numRuns,
    fields: unique(fields),
  };
}

interface SortKey {
  readonly expression: string;
  readonly isDescending: boolean;
}

/** The runs that match are found once, then counted and sorted. */
function statement(query: {
  readonly where: string;
  readonly keys: readonly SortKey[];
  readonly joins: string;
}): string {
  const { where, keys, joins } = query;
  if (where === "1" && keys.length === 0) {
    return "SELECT id FROM stored_runs ORDER BY started DESC, name LIMIT ?";
  }
  const columns = keys.map(({ expression }, index) => `${expression} AS key${index}`);
  const order = keys.map(({ isDescending }, index) => {
    return `key${index} IS NULL, key${index}${isDescending ? " DESC" : ""}`;
  });
  return `WITH hits AS MATERIALIZED (
      SELECT ${["r.id AS id", "r.started AS started", "r.name AS name", ...columns].join(", ")}
      FROM stored_runs r ${joins} WHERE ${where})
    SELECT id, (SELECT count(*) FROM hits) AS matching FROM hits
    ORDER BY ${[...order, "started DESC", "name"].join(", ")} LIMIT ?`;
}

/** A filter ready for a statement over `stored_runs r`. */
export interface CompiledFilter {
  readonly where: string;
  readonly values: readonly Cell[];
  readonly joins: Joins;
  readonly fields: Field[];
}

/**
 * A filter as the condition of a statement.
 * @throws {ExpError} `usage` for a filter that cannot be used.
 */
export function compileQuery(
  database: Database,
  { filter: text = "", now }: Pick<RunQuery, "filter" | "now">,
  isEmpty = false,
): CompiledFilter {
  const filter = parseFilter(text);
  const joins = createJoins();
  if (filter === undefined || isEmpty) return { where: "1", values: [], joins, fields: [] };
  const fields = createFields(database);
  const problems: FilterProblem[] = [];
  const report = (problem: FilterProblem): void => void problems.push(problem);
  const sql = filterSql(filter, { fields, joins, now, report });
  if (problems.length > 0) throw filterError(text, problems);
  const named = fieldsOf(filter).flatMap((name) => {
    const field = fields.find(name);
    return "message" in field ? [] : [field];
  });
  return { where: sql.text, values: sql.values, joins, fields: named };
}

function sortKeys(
  sort: string | undefined,
  fields: Fields,
  query: { readonly joins: Joins; readonly fields: Field[] },
): readonly SortKey[] {
  const words = (sort ?? "").split(",").map((word) => word.trim());
  return words
    .filter((word) => word !== "")
    .map((word) => {
      const isDescending = word.startsWith("-");
      const field = namedField(fields, isDescending ? word.slice(1) : word, "sorted by");
      query.fields.push(field);
      return { expression: sortExpression(field, query.joins), isDescending };
    });
}

const partPattern = /^(final|best|last|min|max)\((.*)\)$/u;

/**
 * The field that a word of `--sort` or `--columns` names.
 * @throws {ExpError} `usage` for a name that no run has.
 */
export function namedField(fields: Fields, word: string, use: string): Field {
  const [, part, inner] = partPattern.exec(word) ?? [];
  const name = { text: inner ?? word, position: 0 };
  const field = fields.find(part === undefined ? name : { ...name, part: part as "final" });
  if (!("message" in field)) return field;
  const advice =
    field.suggestion === undefined ? {} : { hint: `Did you mean ${field.suggestion}?` };
  throw new ExpError(
    "usage",
    `Runs cannot be ${use} ${JSON.stringify(word)}: ${field.message}`,
    advice,
  );
}

function sortExpression(field: Field, joins: Joins): string {
  switch (field.kind) {
    case "fact":
      if (field.type !== "tags" && field.type !== "notes") return joins.fact(field.column);
      throw new ExpError("usage", `Runs cannot be sorted by ${field.text}: a run has several.`);
    case "config":
      return joins.config(field.id).value;
    case "element":
      return `json_extract(${joins.config(field.id).value}, '$[${field.index}]')`;
    case "metric":
      return joins.metric(field.id, field.part);
  }
}

function unique(fields: readonly Field[]): readonly Field[] {
  const key = (field: Field): string =>
    `${field.kind} ${field.text} ${field.kind === "metric" ? (field.part ?? "") : ""}`;
  return [...new Map(fields.map((field) => [key(field), field])).values()];
}
