/** Runs and groups of runs beside each other: only what differs, config and metrics together. */
import { DigestList } from "../../core/digest-list.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Database } from "../../store/index/database.ts";
import { groupValues, type DistinctValues } from "../../store/query/group-values.ts";
import { readRuns, type IndexedRun } from "../../store/query/indexed-run.ts";
import { createRunOrder } from "../../store/query/select-ids.ts";
import { runKeys } from "../../store/query/run-keys.ts";
import { summariseValues, type MetricSummary } from "../summary.ts";
import { groupOf, groupsBy, type GroupedIds } from "./compare-groups.ts";
import { readCurves, type Curve } from "./curves.ts";
import { compareJson } from "./json-order.ts";
import { meanCurve } from "./mean-curve.ts";
import { lookUp, type Lookup, type LookupContext } from "./open-index.ts";

export interface CompareRequest extends LookupContext {
  /** Names of runs; names of experiments and filters, which each make a group. */
  readonly operands: readonly string[];
  /** Groups the runs of one filter, or all, by the values of this field. */
  readonly by?: string | undefined;
  /** Also what is the same in all. */
  readonly isWhole: boolean;
  /** Curves of these metrics; default: the one that selects, and the loss of the training. */
  readonly curves?: readonly string[] | undefined;
  /** What is told of each run of a group; knowing all of thousands of runs takes seconds. Default: nothing. */
  readonly members?: "keys" | "runs";
}

/** One column of a comparison. */
export interface RunGroup {
  /** The name of its run, the filter, or the value that its runs share. */
  readonly title: string;
  readonly numRuns: number;
  /** How many of them another tool measured. */
  readonly numForeign: number;
  /** Of all its runs, the newest first; none where they were not asked for. */
  readonly keys: DigestList;
  /** Of those that another tool measured. */
  readonly foreignKeys: DigestList;
  /** All its runs, the newest first; none where they were not asked for. */
  readonly runs: readonly IndexedRun[];
}

/** A path or a fact with its values in each group, each value once; empty where no run has one. */
export interface ComparedValues {
  readonly name: string;
  readonly values: readonly (readonly JsonValue[])[];
}

export interface ComparedMetric {
  readonly name: string;
  /** `undefined` where no run of a group has the metric. */
  readonly groups: readonly (MetricSummary | undefined)[];
}

export interface ComparedCurve {
  readonly name: string;
  /** Means over the runs of a group at the steps that all of them logged. */
  readonly groups: readonly (Curve | undefined)[];
}

export interface RunComparison {
  /** Absolute. */
  readonly store: string;
  readonly groups: readonly RunGroup[];
  readonly facts: readonly ComparedValues[];
  readonly config: readonly ComparedValues[];
  readonly metrics: readonly ComparedMetric[];
  readonly curves: readonly ComparedCurve[];
  /** The curves are of so many runs of each group, the newest ones. */
  readonly maxCurves: number;
}

/**
 * Compares runs.
 * @throws {ExpError} `usage` where fewer than two groups come together, for names that mean no run, and for wrong filters.
 */
export function compareRuns(request: CompareRequest): RunComparison {
  const { comparison } = lookUp(
    request,
    (lookup) => {
      const groups = groupsOf(lookup, request);
      return {
        comparison: compareGroups(lookup, groups, request),
        ids: groups.flatMap(({ ids }) => ids.slice(0, maxRechecked)).slice(0, maxRechecked),
        database: lookup.database,
      };
    },
    ({ ids, database }) =>
      database
        .all(`SELECT name FROM stored_runs WHERE id IN (${ids.join(", ")})`)
        .map(({ name }) => String(name)),
  );
  return comparison;
}

/** Of many runs only the first are looked at again: that takes time. */
const maxRechecked = 200;

function groupsOf(lookup: Lookup, request: CompareRequest): readonly GroupedIds[] {
  const { operands, by } = request;
  if (by !== undefined) return groupsBy(lookup, operands, by);
  const { workingDirectory } = request;
  const order = createRunOrder(lookup.database);
  const groups = operands.map((operand) => groupOf(lookup, operand, { workingDirectory, order }));
  if (groups.length >= 2) return groups;
  throw new ExpError("usage", "exp compare: there is nothing to compare with.", {
    hint: "Name two or more runs or filters, or split the runs of one: exp compare 'FILTER' --by optimizer.kind.",
  });
}

function compareGroups(
  lookup: Lookup,
  groups: readonly GroupedIds[],
  { isWhole, curves, members }: CompareRequest,
): RunComparison {
  const { database, store } = lookup;
  const found = groupValues(
    database,
    groups.map(({ ids }) => ids),
  );
  const isShown = ({ values }: ComparedValues): boolean => isWhole || isDifferent(values);
  const selecting = namesIn(found.facts.get("selectionMetric"));
  const facts = [...found.facts].filter(([name]) => name !== "selectionMetric");
  const config = [...found.config].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const metrics = [...new Set([...selecting, ...[...found.metrics.keys()].toSorted()])];
  const maxCurves = Math.ceil(maxCurvesRead / groups.length);
  return {
    store,
    groups: runGroups(lookup, groups, { statuses: found.facts.get("status"), members }),
    facts: facts.map(compared).filter(isShown),
    config: config.map(compared).filter(isShown),
    metrics: metrics
      .map((name) => comparedMetric(name, found.metrics.get(name) ?? groups.map(() => [])))
      .filter(({ groups: all }) => isWhole || isDifferent(all)),
    curves: comparedCurves(
      store,
      groups.map(({ ids }) => directoriesOf(lookup, ids.slice(0, maxCurves))),
      curves ?? [...new Set([...selecting, "train.loss"])],
    ),
    maxCurves,
  };
}

function runGroups(
  { database }: Lookup,
  groups: readonly GroupedIds[],
  asked: {
    readonly statuses: readonly DistinctValues[] | undefined;
    readonly members: CompareRequest["members"];
  },
): readonly RunGroup[] {
  const { statuses, members } = asked;
  const all = groups.map(({ ids }) => ids);
  const foreign = all.map((ids, index) => {
    const isForeign = [...(statuses?.[index]?.values() ?? [])].includes("foreign");
    return isForeign ? foreignAmong(database, ids) : [];
  });
  const keys = members === "keys" ? runKeys(database, [...all, ...foreign]) : [];
  const none = new DigestList(0);
  return groups.map(({ title, ids }, index) => ({
    title,
    numRuns: ids.length,
    numForeign: foreign[index]?.length ?? 0,
    keys: keys[index] ?? none,
    foreignKeys: keys[groups.length + index] ?? none,
    runs: members === "runs" ? readRuns(database, ids) : [],
  }));
}

function foreignAmong(database: Database, ids: readonly number[]): readonly number[] {
  const all = database.all("SELECT id FROM stored_runs WHERE status = 'foreign'");
  const foreign = new Set(all.map(({ id }) => Number(id)));
  return ids.filter((id) => foreign.has(id));
}

function directoriesOf({ database }: Lookup, ids: readonly number[]): readonly string[] {
  return database
    .all(
      "SELECT d.directory AS directory FROM json_each(?) i CROSS JOIN run_details d ON d.run = i.value",
      JSON.stringify(ids),
    )
    .map(({ directory }) => String(directory));
}

function namesIn(groups: readonly DistinctValues[] = []): readonly string[] {
  return groups.flatMap((values) => [...values.values()].map(String)).toSorted();
}

function compared([name, groups]: readonly [string, readonly DistinctValues[]]): ComparedValues {
  return { name, values: groups.map((values) => [...values.values()].toSorted(compareJson)) };
}

function isDifferent(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value ?? null))).size > 1;
}

function comparedMetric(name: string, groups: readonly ArrayLike<number>[]): ComparedMetric {
  return {
    name,
    groups: groups.map((values) => (values.length === 0 ? undefined : summariseValues(values))),
  };
}

/** Logs of more runs are not read for the curves of all groups. */
const maxCurvesRead = 100;

function comparedCurves(
  store: string,
  groups: readonly (readonly string[])[],
  names: readonly string[],
): readonly ComparedCurve[] {
  const read = groups.map((runs) => runs.map((directory) => readCurves(store, { directory })));
  const curves = names.map((name) => ({
    name,
    groups: read.map((runs) => meanCurve(runs.flatMap((one) => one.get(name) ?? []))),
  }));
  return curves.filter(({ groups: all }) => all.some((curve) => curve !== undefined));
}
