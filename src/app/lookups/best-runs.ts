/** The best finished runs, by the metric that selects. */
import { ExpError } from "../../core/errors.ts";
import { createFields, type Field } from "../../store/query/fields.ts";
import { readRuns, type IndexedRun } from "../../store/query/indexed-run.ts";
import { compileQuery, namedField, type CompiledFilter } from "../../store/query/select-runs.ts";
import { lookUp, type Lookup, type LookupContext } from "./open-index.ts";

export interface BestRequest extends LookupContext {
  readonly filter?: string | undefined;
  /** Instead of the metrics that the runs select by. */
  readonly metric?: string | undefined;
  /** Which end of that metric is better. */
  readonly direction?: "min" | "max" | undefined;
  /** Runs of each ranking; at least 1. */
  readonly limit: number;
}

/** Runs that are chosen by one metric, the best first. */
export interface Ranking {
  readonly metric: string;
  readonly direction: "min" | "max";
  readonly runs: readonly IndexedRun[];
  /** How many runs were ranked. */
  readonly numRuns: number;
  /** On how many data sets: figures of different data say little about each other. */
  readonly numDataSets: number;
}

export interface BestRuns {
  /** Absolute. */
  readonly store: string;
  /** One for each metric that runs select by, the most common first. */
  readonly rankings: readonly Ranking[];
}

/**
 * Ranks finished runs. Test is measured once and never ranks, so a `test.` metric has to be asked for by name.
 * @throws {ExpError} `usage` for a wrong filter, and for a metric without a direction.
 */
export function bestRuns(request: BestRequest): BestRuns {
  return lookUp(
    request,
    (lookup) => ({ store: lookup.store, rankings: rank(lookup, request) }),
    ({ rankings }) => rankings.flatMap(({ runs }) => runs.map(({ name }) => name)),
  );
}

function rank(lookup: Lookup, request: BestRequest): readonly Ranking[] {
  const { database, now } = lookup;
  if (database.first("SELECT 1 FROM stored_runs LIMIT 1") === undefined) return [];
  const { filter, metric, direction } = request;
  const compile = (): CompiledFilter =>
    compileQuery(database, { now, ...(filter === undefined ? {} : { filter }) });
  if (metric !== undefined) {
    const compiled = compile();
    const field = metricField(lookup, metric);
    if (field.kind !== "metric") {
      throw new ExpError("usage", `${metric} is no metric, so runs cannot be ranked by it.`);
    }
    const column = compiled.joins.metric(field.id, field.part);
    const better = direction ?? usualDirection(lookup, metric);
    return [ranking(lookup, compiled, { column, metric, direction: better, limit: request.limit })];
  }
  const compiled = compile();
  const { where, values, joins } = compiled;
  const rules = database.all(
    `SELECT r.selection_metric AS metric, r.selection_direction AS direction, count(*) AS n
      FROM stored_runs r ${joins.sql()}
      WHERE ${where} AND r.status = 'finished' AND r.score IS NOT NULL
      GROUP BY 1, 2 ORDER BY n DESC, 1`,
    ...values,
  );
  return rules.map((rule) => {
    const chosen = String(rule["metric"]);
    const better = rule["direction"] === "min" ? "min" : "max";
    const only = {
      ...compiled,
      where: `${where} AND r.selection_metric = ? AND r.selection_direction = ?`,
      values: [...values, chosen, better],
    };
    return ranking(lookup, only, {
      column: "r.score",
      metric: chosen,
      direction: better,
      limit: request.limit,
    });
  });
}

/** A fact or a path of the same name is not meant here. */
function metricField({ database }: Lookup, metric: string): Field {
  const fields = createFields(database);
  const field = fields.find({ text: `metrics.${metric}`, position: 0 });
  return "message" in field ? namedField(fields, metric, "ranked by") : field;
}

/** The direction in which runs select by a metric; what is not selected by needs `--direction`. */
function usualDirection({ database }: Lookup, metric: string): "min" | "max" {
  const rows = database.all(
    "SELECT DISTINCT selection_direction AS direction FROM stored_runs WHERE selection_metric = ?",
    metric,
  );
  const direction = rows[0]?.["direction"];
  if (rows.length === 1 && (direction === "min" || direction === "max")) return direction;
  throw new ExpError("usage", `No run says which end of ${metric} is better.`, {
    hint: `Say it: --metric ${metric} --direction min, or max.`,
  });
}

interface Rule {
  /** An expression of SQL. */
  readonly column: string;
  readonly metric: string;
  readonly direction: "min" | "max";
  readonly limit: number;
}

function ranking({ database }: Lookup, filter: CompiledFilter, rule: Rule): Ranking {
  const { column, metric, direction, limit } = rule;
  const { where, values, joins } = filter;
  const ranked = (): string =>
    `FROM stored_runs r ${joins.sql()} WHERE ${where} AND r.status = 'finished' AND ${column} IS NOT NULL`;
  const order = `${column} ${direction === "max" ? "DESC" : "ASC"}, r.started, r.name`;
  const ids = database.all(
    `SELECT r.id AS id ${ranked()} ORDER BY ${order} LIMIT ?`,
    ...values,
    limit,
  );
  const counted = database.first(
    `SELECT count(*) AS runs, count(DISTINCT ${joins.fact("data_hash")}) AS data ${ranked()}`,
    ...values,
  );
  return {
    metric,
    direction,
    runs: readRuns(
      database,
      ids.map(({ id }) => Number(id)),
    ),
    numRuns: Number(counted?.["runs"]),
    numDataSets: Number(counted?.["data"]),
  };
}
