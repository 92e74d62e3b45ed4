/** The numbers of runs, for look-ups that do not want to know all of each. */
import { parseJson } from "../../core/json.ts";
import type { Cell, Database } from "../index/database.ts";
import type { Field } from "./fields.ts";
import type { Joins } from "./joins.ts";
import { filterParts } from "./filter-parts.ts";
import type { Sql } from "./filter-sql.ts";
import { compileQuery, type RunQuery } from "./select-runs.ts";

/** Which runs are meant: those of a filter (all without one), or of an experiment. */
export type RunSet = { readonly now: Date } & (
  Pick<RunQuery, "filter"> | { readonly experiment: string }
);

/** All runs, the newest first; read once, when they are first asked for. */
export type RunOrder = () => readonly number[];

/** The order of the runs as an index has them now. */
export function createRunOrder(database: Database): RunOrder {
  let ids: readonly number[] | undefined;
  const sql = "SELECT id FROM stored_runs ORDER BY started DESC, name";
  return () => (ids ??= idsOf(database, { text: sql, values: [] }));
}

/**
 * The runs of a set, the newest first.
 * @param options.order - For several sets of one comparison, so that it is read once.
 * @param options.many - Fewer runs than these are looked up one by one; the order of more comes with that of all runs, from an index.
 * @throws {ExpError} `usage` for a filter that cannot be used.
 */
export function selectIds(
  database: Database,
  set: RunSet,
  {
    order = createRunOrder(database),
    many = 2_000,
  }: { readonly order?: RunOrder; readonly many?: number } = {},
): readonly number[] {
  if ("experiment" in set) {
    const sql =
      "SELECT id FROM stored_runs r WHERE experiment = ? ORDER BY experiment, started DESC, name";
    return idsOf(database, { text: sql, values: [set.experiment] });
  }
  const parts = filterParts(database, set.filter ?? "", set.now);
  if (parts.length === 0) return order();
  const hits = inAll(
    database,
    parts.map((part) => idsOf(database, part)),
  );
  if (hits.length < many) return sorted(database, hits);
  const isHit = new Uint8Array(largestId(database) + 1);
  for (const id of hits) isHit[id] = 1;
  return order().filter((id) => isHit[id] === 1);
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
  if (field.kind === "config" && !("experiment" in set) && (set.filter ?? "").trim() === "")
    return allIdsBy(database, field.id, maxGroups);
  const { where, values, joins } = conditionOf(database, set);
  const { value, kind } = groupExpression(field, joins);
  const rows = database.all(
    `SELECT json_group_array(id) AS ids FROM
      (SELECT r.id AS id, ${value} AS value, ${kind} AS kind FROM stored_runs r ${joins.sql()}
        WHERE ${where} ORDER BY r.started DESC, r.name)
      GROUP BY ${oneGroup} LIMIT ?`,
    ...values,
    maxGroups + 1,
  );
  return rows.map(({ ids }) => idsIn(ids));
}

/** What is equal: the kind tells `1` from `true` in a config, and null is what runs without a value have. */
const oneGroup = "value, CASE WHEN value IS NULL THEN NULL ELSE kind END";

/** All runs by their values of a path: without the runs' own rows, and in the order of an index. */
function allIdsBy(
  database: Database,
  path: number,
  maxGroups: number,
): readonly (readonly number[])[] {
  const rows = database.all(
    `SELECT json_group_array(run) AS ids FROM config_values WHERE path = ? AND value IS NOT NULL
      GROUP BY ${oneGroup} LIMIT ?`,
    path,
    maxGroups + 1,
  );
  const valued = rows.map(({ ids }) => idsIn(ids));
  if (valued.length > maxGroups) return valued;
  const ids = createRunOrder(database)();
  const groupOf = new Uint32Array(largestId(database) + 1); // 0: none of them
  valued.forEach((group, index) => {
    for (const id of group) groupOf[id] = index + 1;
  });
  const groups: number[][] = [[], ...valued.map(() => [])];
  for (const id of ids) groups[groupOf[id] ?? 0]?.push(id);
  return groups.filter(({ length }) => length > 0);
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
      GROUP BY ${oneGroup})`,
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

function sorted(database: Database, ids: readonly number[]): readonly number[] {
  const sql = `SELECT r.id AS id FROM json_each(?) i CROSS JOIN stored_runs r ON r.id = i.value
    ORDER BY r.started DESC, r.name`;
  return idsOf(database, { text: sql, values: [JSON.stringify(ids)] });
}

/** The runs that are in all lists, each of which has a run once. */
function inAll(database: Database, lists: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...others] = lists;
  if (others.length === 0) return first;
  const numLists = new Uint32Array(largestId(database) + 1);
  lists.forEach((list, index) => {
    for (const id of list) if (numLists[id] === index) numLists[id] = index + 1;
  });
  return first.filter((id) => numLists[id] === lists.length);
}

/** One text for all of them: an object for each row would take longer than finding them. */
function idsOf(database: Database, { text, values }: Sql): readonly number[] {
  const row = database.first(`SELECT json_group_array(id) AS ids FROM (${text})`, ...values);
  return idsIn(row?.["ids"]);
}

function idsIn(cell: Cell | undefined): readonly number[] {
  const ids = parseJson(typeof cell === "string" ? cell : "[]");
  return Array.isArray(ids) ? (ids as readonly number[]) : [];
}

/** Of all runs: looking through lists of them would take longer. */
function largestId(database: Database): number {
  return Number(database.first("SELECT max(id) AS id FROM stored_runs")?.["id"] ?? 0);
}
