/** What two experiments resolve to, compared: axes, the number of runs, and values by path. */
import { canonicalJson } from "../core/canonical-json.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath, parsePath, startsWith, valueAt, type Path } from "../core/path.ts";
import { diffValues } from "./value/diff.ts";
import { equalJson } from "./value/equal.ts";
import type { Operation } from "./value/operations.ts";

/** One run of a side. */
export interface ConfigRun {
  readonly config: JsonObject;
  /** What counts in the config's hash: `config` of `identity.json`. */
  readonly identity: JsonObject;
  /** What tells the run from others of its sweep. */
  readonly axisValues: JsonObject;
}

/** The place that set a value: `experiments/baseline.ts:12`, `command line`. */
export type OriginOf = (run: ConfigRun, path: Path) => Promise<string | undefined>;

/** All runs of an experiment, or a run by itself. */
export interface ConfigSide {
  readonly runs: readonly ConfigRun[];
  /** Absent where nothing is known of where values come from. */
  readonly originOf?: OriginOf;
}

export interface ConfigChange {
  readonly operation: Operation;
  /** `result`: it counts in the config's hash. `handling`: names, notes, places and how the run is executed. */
  readonly class: "result" | "handling";
  /** The place that set the new value, or the old one where there is no new one. */
  readonly origin?: string;
  /** In how many of the compared runs, where it is not all of them. */
  readonly numRuns?: number;
}

export interface AxisChange {
  readonly name: string;
  /** Absent where the axis is not there. */
  readonly before?: readonly JsonValue[];
  readonly after?: readonly JsonValue[];
  /** The one value that all runs of the side without the axis have in its place; absent where they have none, or several. */
  readonly instead?: JsonValue;
}

export interface ConfigDiff {
  readonly numRuns: { readonly before: number; readonly after: number };
  readonly axes: readonly AxisChange[];
  readonly changes: readonly ConfigChange[];
  /** Runs whose axis values are on both sides, which `changes` were read from; else the first of each. */
  readonly numCompared: number;
}

/** The differences from one side to the other. */
export async function diffConfigs(before: ConfigSide, after: ConfigSide): Promise<ConfigDiff> {
  const axes = diffAxes(before.runs, after.runs);
  const pairs = pairRuns(before.runs, after.runs);
  const found = new Map<string, { pair: Pair; operation: Operation; numRuns: number }>();
  for (const pair of pairs) {
    for (const operation of diffValues(pair.before.config, pair.after.config)) {
      if (isOnAxis(operation, pair)) continue;
      const key = JSON.stringify(operation);
      const known = found.get(key);
      if (known === undefined) found.set(key, { pair, operation, numRuns: 1 });
      else known.numRuns++;
    }
  }
  const changes = [...found.values()].map(async ({ pair, operation, numRuns }) => {
    const origin = await originOfChange(operation, { pair, before, after });
    return {
      operation,
      class: classOf(operation.path, pair),
      ...(origin !== undefined && { origin }),
      ...(numRuns < pairs.length && { numRuns }),
    };
  });
  return {
    numRuns: { before: before.runs.length, after: after.runs.length },
    axes,
    changes: await Promise.all(changes),
    numCompared: pairs.length,
  };
}

/** True where nothing differs: neither values nor runs. */
export function isSameConfigs({ numRuns, axes, changes }: ConfigDiff): boolean {
  return numRuns.before === numRuns.after && axes.length === 0 && changes.length === 0;
}

interface Pair {
  readonly before: ConfigRun;
  readonly after: ConfigRun;
}

/** Runs with the same axis values, else with the same place; of sweeps that share none, the first of each. */
function pairRuns(before: readonly ConfigRun[], after: readonly ConfigRun[]): readonly Pair[] {
  // The last one of equal texts is kept, so that of runs that are alike the first is.
  const byValues = new Map(after.toReversed().map((run) => [canonicalJson(run.axisValues), run]));
  const pairs = before.flatMap((run) => {
    const other = byValues.get(canonicalJson(run.axisValues));
    return other === undefined ? [] : [{ before: run, after: other }];
  });
  const [first] = before;
  const [other] = after;
  if (pairs.length > 0 || first === undefined || other === undefined) return pairs;
  return [{ before: first, after: other }];
}

/** What an axis sets is told as the axis. */
function isOnAxis({ path }: Operation, { before, after }: Pair): boolean {
  const axes = [...Object.keys(before.axisValues), ...Object.keys(after.axisValues)];
  return axes.some((name) => startsWith(path, parsePath(name) ?? [name]));
}

function diffAxes(
  before: readonly ConfigRun[],
  after: readonly ConfigRun[],
): readonly AxisChange[] {
  const [old, now] = [axesOf(before), axesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [earlier, later] = [old.get(name), now.get(name)];
    if (earlier !== undefined && later !== undefined) {
      return equalJson(earlier, later) ? [] : [{ name, before: earlier, after: later }];
    }
    const instead = onlyValue(earlier === undefined ? before : after, name);
    return [
      {
        name,
        ...(earlier !== undefined && { before: earlier }),
        ...(later !== undefined && { after: later }),
        ...(instead !== undefined && { instead }),
      },
    ];
  });
}

/** What all configs have at the path that an axis is called by. */
function onlyValue(runs: readonly ConfigRun[], name: string): JsonValue | undefined {
  const path = parsePath(name) ?? [name];
  const [first, ...others] = runs.map(
    ({ config }) => valueAt(config, path) as JsonValue | undefined, // a part of JSON
  );
  return others.every((one) => equalJson(one, first)) ? first : undefined;
}

/** The values of each axis, in the order of the runs. */
function axesOf(runs: readonly ConfigRun[]): ReadonlyMap<string, readonly JsonValue[]> {
  const axes = new Map<string, Map<string, JsonValue>>();
  for (const { axisValues } of runs) {
    for (const [name, value] of Object.entries(axisValues)) {
      const values = axes.get(name) ?? new Map<string, JsonValue>();
      const text = canonicalJson(value);
      if (!values.has(text)) values.set(text, value);
      axes.set(name, values);
    }
  }
  return new Map([...axes].map(([name, values]) => [name, [...values.values()]]));
}

/** What counts is what the identities differ in, there or at what lies around. */
function classOf(path: Path, { before, after }: Pair): ConfigChange["class"] {
  const isEqual = equalJson(
    valueAt(before.identity, path) as JsonValue | undefined,
    valueAt(after.identity, path) as JsonValue | undefined,
  );
  return isEqual ? "handling" : "result";
}

interface ChangeContext {
  readonly pair: Pair;
  readonly before: ConfigSide;
  readonly after: ConfigSide;
}

async function originOfChange(
  { kind, path }: Operation,
  { pair, before, after }: ChangeContext,
): Promise<string | undefined> {
  return kind === "remove"
    ? before.originOf?.(pair.before, path)
    : after.originOf?.(pair.after, path);
}

/** A path as `exp explain` takes it, with the name of the list item that it goes through. */
export function changedPath({ path, item }: Operation): string {
  const text = formatPath(path) || "(everything)";
  return item === undefined ? text : `${text} (${item.name})`;
}
