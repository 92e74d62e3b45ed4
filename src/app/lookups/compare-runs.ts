/** Runs and groups of runs beside each other: only what differs, config and metrics together. */
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { createFields } from "../../store/query/fields.ts";
import { mainNumber, valueOf, type IndexedRun } from "../../store/query/indexed-run.ts";
import { namedField, selectRuns } from "../../store/query/select-runs.ts";
import { summariseValues, type MetricSummary } from "../summary.ts";
import { readCurves, type Curve } from "./curves.ts";
import { meanCurve } from "./mean-curve.ts";
import { nameRun, runsOfExperiment, tryNameRun } from "./name-runs.ts";
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
}

/** One column of a comparison. */
export interface RunGroup {
  /** The name of its run, the filter, or the value that its runs share. */
  readonly title: string;
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
}

/**
 * Compares runs.
 * @throws {ExpError} `usage` where fewer than two groups come together, for names that mean no run, and for wrong filters.
 */
export function compareRuns(request: CompareRequest): RunComparison {
  return lookUp(
    request,
    (lookup) => compareGroups(lookup, groupsOf(lookup, request), request),
    ({ groups }) =>
      groups.flatMap(({ runs }) => runs.map(({ name }) => name)).slice(0, maxRechecked),
  );
}

/** Of many runs only the first are looked at again: that takes time. */
const maxRechecked = 200;

function groupsOf(lookup: Lookup, request: CompareRequest): readonly RunGroup[] {
  const { operands, by } = request;
  if (by !== undefined) return groupsBy(lookup, operands, by);
  const groups = operands.map((operand) => groupOf(lookup, operand, request.workingDirectory));
  if (groups.length >= 2) return groups;
  throw new ExpError("usage", "exp compare: there is nothing to compare with.", {
    hint: "Name two or more runs or filters, or split the runs of one: exp compare 'FILTER' --by optimizer.kind.",
  });
}

function groupOf(lookup: Lookup, operand: string, workingDirectory: string): RunGroup {
  const run = tryNameRun(lookup, operand, workingDirectory);
  if (run !== undefined) return { title: run.name, runs: [run] };
  const ofExperiment = runsOfExperiment(lookup, operand);
  if (ofExperiment.length > 0) return { title: operand, runs: ofExperiment };
  if (/^[\w./-]+$/u.test(operand)) nameRun(lookup, operand, workingDirectory); // says what a name is
  const { runs } = selectRuns(lookup.database, { filter: operand, now: lookup.now });
  if (runs.length > 0) return { title: operand, runs };
  throw new ExpError("usage", `No run matches ${operand}.`, { hint: "exp runs lists the runs." });
}

/** More groups are no comparison, but a mistake in the field. */
const maxGroups = 50;

function groupsBy(lookup: Lookup, operands: readonly string[], by: string): readonly RunGroup[] {
  const [filter, second] = operands;
  if (second !== undefined) {
    throw new ExpError("usage", "exp compare: --by splits the runs of one filter.");
  }
  const ofExperiment = filter === undefined ? [] : runsOfExperiment(lookup, filter);
  const runs =
    ofExperiment.length > 0
      ? ofExperiment
      : selectRuns(lookup.database, {
          now: lookup.now,
          ...(filter === undefined ? {} : { filter }),
        }).runs;
  if (runs.length === 0) throw new ExpError("usage", "exp compare: no run matches.");
  const field = namedField(createFields(lookup.database), by, "grouped by");
  const groups = new Map<string, { value: JsonValue | undefined; runs: IndexedRun[] }>();
  for (const run of runs) {
    const value = valueOf(run, field);
    const key = JSON.stringify(value ?? null);
    const group = groups.get(key) ?? { value, runs: [] };
    group.runs.push(run);
    groups.set(key, group);
  }
  if (groups.size > maxGroups) {
    throw new ExpError(
      "usage",
      `exp compare: ${by} has ${groups.size} values; at most ${maxGroups} are compared.`,
    );
  }
  return [...groups.values()]
    .toSorted((a, b) => compareValues(a.value, b.value))
    .map(({ value, runs: members }) => ({
      title: `${by}=${typeof value === "string" ? value : JSON.stringify(value ?? null)}`,
      runs: members,
    }));
}

function compareValues(a: JsonValue | undefined, b: JsonValue | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [JSON.stringify(a ?? null), JSON.stringify(b ?? null)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const comparedFacts = [
  "task",
  "status",
  "git.commit",
  "git.dirty",
  "codeHash",
  "dataHash",
  "environmentClass",
];

function compareGroups(
  { store }: Lookup,
  groups: readonly RunGroup[],
  { isWhole, curves }: CompareRequest,
): RunComparison {
  const facts = comparedFacts.map((name) => compared(name, groups, (run) => factOf(run, name)));
  const paths = new Set(
    groups.flatMap(({ runs }) => runs.flatMap(({ config }) => [...config.keys()])),
  );
  const config = [...paths]
    .toSorted()
    .map((path) => compared(path, groups, (run) => run.config.get(path)));
  const isShown = ({ values }: ComparedValues): boolean => isWhole || isDifferent(values);
  const metrics = metricNames(groups).map((name) => comparedMetric(name, groups));
  return {
    store,
    groups,
    facts: facts.filter(isShown),
    config: config.filter(isShown),
    metrics: metrics.filter(({ groups: all }) => isWhole || isDifferent(all)),
    curves: comparedCurves(store, groups, curves),
  };
}

function factOf(run: IndexedRun, name: string): JsonValue | undefined {
  return name === "status" ? run.status : run.facts[name];
}

function compared(
  name: string,
  groups: readonly RunGroup[],
  valueIn: (run: IndexedRun) => JsonValue | undefined,
): ComparedValues {
  const values = groups.map(({ runs }) => {
    const found = new Map<string, JsonValue>();
    for (const run of runs) {
      const value = valueIn(run);
      if (value !== undefined) found.set(JSON.stringify(value), value);
    }
    return [...found.values()].toSorted(compareValues);
  });
  return { name, values };
}

function isDifferent(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value ?? null))).size > 1;
}

/** The metrics that select come first. */
function metricNames(groups: readonly RunGroup[]): readonly string[] {
  const runs = groups.flatMap((group) => group.runs);
  const selecting = runs.flatMap(({ selection }) => selection?.metric ?? []);
  return [
    ...new Set([...selecting, ...runs.flatMap(({ metrics }) => [...metrics.keys()]).toSorted()]),
  ];
}

function comparedMetric(name: string, groups: readonly RunGroup[]): ComparedMetric {
  return {
    name,
    groups: groups.map(({ runs }) => {
      const values = runs.flatMap(({ metrics }) => mainNumber(metrics.get(name)) ?? []);
      return values.length === 0 ? undefined : summariseValues(values);
    }),
  };
}

/** Logs of more runs than these are not read for the curve of a group. */
const maxCurves = 200;

function comparedCurves(
  store: string,
  groups: readonly RunGroup[],
  asked: readonly string[] | undefined,
): readonly ComparedCurve[] {
  const read = groups.map(({ runs }) =>
    runs.slice(0, maxCurves).map((run) => readCurves(store, run)),
  );
  const selecting = groups.flatMap(({ runs }) =>
    runs.flatMap(({ selection }) => selection?.metric ?? []),
  );
  const names = asked ?? [...new Set([...selecting, "train.loss"])];
  const curves = names.map((name) => ({
    name,
    groups: read.map((runs) => meanCurve(runs.flatMap((one) => one.get(name) ?? []))),
  }));
  return curves.filter(({ groups: all }) => all.some((curve) => curve !== undefined));
}
