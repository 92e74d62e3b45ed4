/** Which run had this number: values of metrics that round to what was written, `94.2%` or `0.942`. */
import { ExpError } from "../../core/errors.ts";
import type { Cell, Database, Row } from "../index/database.ts";
import { numbersOf, runsNear } from "../index/step-values.ts";
import type { MetricRow } from "../index/metric-summary.ts";
import { compileQuery, type CompiledFilter } from "./select-runs.ts";

/** Where a value was found; looked for in this order. */
export const valuePlaces = ["final", "best", "last", "step"] as const;

export type ValuePlace = (typeof valuePlaces)[number];

/** A value that rounds to the one that was asked for. */
export interface ValueMatch {
  /** First 16 digits of the run key. */
  readonly run: string;
  readonly metric: string;
  readonly place: ValuePlace;
  /** Of a value that was only logged on the way. */
  readonly step?: number;
  readonly value: number;
}

export interface ValueQuery {
  /** A number as people write it: `94.2%`, `0.942`, `1.3e-4`. */
  readonly text: string;
  /** One metric only. */
  readonly metric?: string;
  /** Of these runs only. */
  readonly filter?: string;
  /** Most matches that are given back. */
  readonly limit: number;
  /** The rows that a run logged, by its directory relative to the store; asked for where the index has not kept them. */
  readonly readHistory: (directory: string) => readonly MetricRow[];
  /** Look at every step even where a result matches. */
  readonly everyStep?: boolean;
  readonly now: Date;
}

export interface ValueMatches {
  /** Those of the first place that holds one, so a value that was only passed does not hide in front of a result. */
  readonly matches: readonly ValueMatch[];
  /** How many there are in that place; of steps, at least so many. */
  readonly numFound: number;
  readonly isMore: boolean;
}

/**
 * Looks for a value in the results, then where the run was best, then at its last step, then at every step.
 * @throws {ExpError} `usage` for a text that is no number, a metric that no run has, or a wrong filter.
 */
export function findValues(database: Database, query: ValueQuery): ValueMatches {
  const readings = readingsOf(query.text);
  const scope = scopeOf(database, query);
  const places = query.everyStep === true ? (["step"] as const) : valuePlaces;
  for (const place of places) {
    const found =
      place === "step"
        ? findAtSteps(database, readings, { ...scope, query })
        : findInSummaries(database, readings, { ...scope, place });
    if (found.length === 0) continue;
    const matches = found.slice(0, query.limit);
    return { matches, numFound: found.length, isMore: found.length > matches.length };
  }
  return { matches: [], numFound: 0, isMore: false };
}

/** One way to understand a number: an interval to search, and the exact question. */
interface Reading {
  readonly from: number;
  readonly until: number;
  matches(value: number): boolean;
}

const numberPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*(%?)$/u;

/** `94.2%` is 0.942 and 94.2: some tasks log shares, some percentages. */
function readingsOf(text: string): readonly Reading[] {
  const match = numberPattern.exec(text.trim());
  const [, sign = "", whole = "", fraction = "", exponent, percent] = match ?? [];
  if (match === null || whole + fraction === "") {
    throw new ExpError("usage", `${JSON.stringify(text)} is not a number.`, {
      hint: "For example: exp find 94.2%, exp find 0.942, exp find 1.3e-4.",
    });
  }
  const digits = `${sign}${whole === "" ? "0" : whole}.${fraction === "" ? "0" : fraction}`;
  const power = Number(exponent ?? 0);
  const decimals = fraction.length - power;
  if (percent !== "%") return [reading(digits, power, decimals)];
  return [reading(digits, power - 2, decimals + 2), reading(digits, power, decimals)];
}

/** Numbers that `toFixed` writes with so many decimals as it does this one; of negative decimals, within half a unit. */
function reading(digits: string, power: number, decimals: number): Reading {
  const center = Number(`${digits}e${power}`);
  const half = 0.5 * Number(`1e${-decimals}`);
  const slack = half * 1e-6;
  const isExact = decimals >= 0 && decimals <= 100 && Math.abs(center) < 1e20;
  const written = isExact ? center.toFixed(decimals) : "";
  return {
    from: center - half - slack,
    until: center + half + slack,
    matches: (value) =>
      isExact
        ? value.toFixed(decimals).replace(/^-(?=[0.]+$)/u, "") ===
          written.replace(/^-(?=[0.]+$)/u, "")
        : value >= center - half && value < center + half,
  };
}

interface Scope {
  readonly filter: CompiledFilter;
  /** The number of the only metric that is looked at. */
  readonly metric: number | undefined;
}

function scopeOf(database: Database, { metric, filter, now }: ValueQuery): Scope {
  const compiled = compileQuery(database, { now, ...(filter === undefined ? {} : { filter }) });
  if (metric === undefined) return { filter: compiled, metric };
  const row = database.first("SELECT id FROM metric_names WHERE name = ?", metric);
  if (row === undefined) {
    throw new ExpError("usage", `No run has a metric called ${JSON.stringify(metric)}.`, {
      hint: "exp sql 'select distinct metric from metrics' lists them.",
    });
  }
  return { filter: compiled, metric: Number(row["id"]) };
}

function intervals(readings: readonly Reading[], column: string): string {
  return readings.map(() => `${column} BETWEEN ? AND ?`).join(" OR ");
}

function bounds(readings: readonly Reading[]): readonly Cell[] {
  return readings.flatMap(({ from, until }) => [from, until]);
}

/** The metric that selects comes first, then those of validation, test and training. */
const order = `(n.name = r.selection_metric) DESC, (n.name LIKE 'validation.%') DESC, (n.name LIKE 'test.%') DESC, r.started DESC, r.name, n.name`;

function statement({ filter, metric }: Scope, columns: string, condition: string): string {
  const only = metric === undefined ? "" : `AND m.metric = ${metric}`;
  return `SELECT r.name AS run, n.name AS metric, ${columns} FROM metric_values m
    JOIN stored_runs r ON r.id = m.run JOIN metric_names n ON n.id = m.metric ${filter.joins.sql()}
    ${condition} ${only} AND ${filter.where} ORDER BY ${order}`;
}

function findInSummaries(
  database: Database,
  readings: readonly Reading[],
  scope: Scope & { readonly place: Exclude<ValuePlace, "step"> },
): readonly ValueMatch[] {
  const { place, filter } = scope;
  const sql = statement(
    scope,
    `m.${place} AS value`,
    `WHERE (${intervals(readings, `m.${place}`)})`,
  );
  const rows = database.all(sql, ...bounds(readings), ...filter.values);
  return rows.flatMap((row) => {
    const value = Number(row["value"]);
    const isMeant = readings.some((one) => one.matches(value));
    return isMeant
      ? [{ run: String(row["run"]), metric: String(row["metric"]), place, value }]
      : [];
  });
}

function findAtSteps(
  database: Database,
  readings: readonly Reading[],
  scope: Scope & { readonly query: ValueQuery },
): readonly ValueMatch[] {
  const { filter, metric, query } = scope;
  const names = new Map(
    database
      .all("SELECT id, name FROM metric_names")
      .map(({ id, name }) => [Number(id), String(name)]),
  );
  const wanted = metric === undefined ? [...names.values()] : [names.get(metric) ?? ""];
  const near = runsNear(database, readings, metric);
  const found: ValueMatch[] = [];
  for (let start = 0; start < near.length && found.length <= query.limit; start += chunkSize) {
    const ids = near.slice(start, start + chunkSize).join(", "); // numbers of rows, never a text of the user's
    const sql = `SELECT r.name AS run, d.directory AS directory, h.metrics AS metrics, h.steps AS steps, h.numbers AS numbers
      FROM stored_runs r JOIN run_details d ON d.run = r.id LEFT JOIN histories h ON h.run = r.id ${filter.joins.sql()}
      WHERE r.id IN (${ids}) AND ${filter.where} ORDER BY r.id`;
    for (const row of database.each(sql, ...filter.values)) {
      const logged =
        row["metrics"] === null
          ? rowsOf(query.readHistory(String(row["directory"])))
          : unpacked(row, names, readings);
      found.push(
        ...matchesIn(logged, { run: String(row["run"]), readings, wanted: new Set(wanted) }),
      );
      if (found.length > query.limit) break;
    }
  }
  return found;
}

/** Runs whose histories are asked for at once. */
const chunkSize = 500;

interface Logged {
  readonly metric: string;
  readonly step: number;
  readonly value: number;
}

/** The first step of each metric of a run whose value matches. */
function matchesIn(
  logged: Iterable<Logged>,
  {
    run,
    readings,
    wanted,
  }: { run: string; readings: readonly Reading[]; wanted: ReadonlySet<string> },
): readonly ValueMatch[] {
  const found = new Map<string, ValueMatch>();
  for (const { metric, step, value } of logged) {
    if (!readings.some(({ from, until }) => value >= from && value <= until)) continue;
    if (found.has(metric) || !wanted.has(metric)) continue;
    if (!readings.some((one) => one.matches(value))) continue;
    found.set(metric, { run, metric, place: "step", step, value });
  }
  return [...found.values()];
}

/** Values near the number in a history as the index keeps it: row after row, one number for each metric. */
function unpacked(
  row: Row,
  names: ReadonlyMap<number, string>,
  readings: readonly Reading[],
): readonly Logged[] {
  const numbers = numbersOf(row["numbers"]);
  const near: number[] = [];
  for (const { from, until } of readings) {
    for (let index = 0; index < numbers.length; index++) {
      const value = numbers[index] ?? Number.NaN;
      if (value >= from && value <= until) near.push(index);
    }
  }
  if (near.length === 0) return []; // most histories: nothing else of them is looked at
  const metrics = JSON.parse(String(row["metrics"])) as readonly number[];
  const steps = numbersOf(row["steps"]);
  return near
    .toSorted((a, b) => a - b)
    .map((index) => ({
      metric: names.get(metrics[index % metrics.length] ?? -1) ?? "",
      step: steps[Math.floor(index / metrics.length)] ?? 0,
      value: numbers[index] ?? Number.NaN,
    }));
}

function rowsOf(rows: readonly MetricRow[]): readonly Logged[] {
  return rows.flatMap(({ step, values }) =>
    [...values].map(([metric, value]) => ({ metric, step, value })),
  );
}
