/** What a change is to make of an experiment: a config for each of its runs. */
import { canonicalJson } from "../../core/canonical-json.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { parsePath, valueAt } from "../../core/path.ts";
import type { AxisChange } from "../../diff/configs.ts";
import { applyOperations } from "../../diff/value/apply.ts";
import { equalJson } from "../../diff/value/equal.ts";
import type { Operation } from "../../diff/value/operations.ts";
import type { WantedChanges } from "../../diff/value/read-operations.ts";
import type { Resolution, ResolvedRun } from "../../resolve/resolve.ts";

/** Each run's config after the change, by its axis values. */
export interface Goal {
  readonly targets: readonly { readonly axisValues: JsonObject; readonly config: JsonObject }[];
  /** The values that axes are to have, where they change. */
  readonly axes: readonly AxisChange[];
}

/**
 * The goal of a change.
 * @throws {ExpError} `usage` where it was made from other configs.
 */
export function goalOf(
  { runs, experiment }: Resolution,
  { operations, axes }: WantedChanges,
): Goal {
  const changed = runs.map(({ config, axisValues }) => ({
    axisValues,
    config: applyOperations(operations, config) as JsonObject, // an object whose fields were changed
  }));
  for (const { name, before } of axes) {
    const values = valuesOf(runs, name);
    if (equalJson([...values], before ?? [])) continue;
    throw new ExpError(
      "usage",
      `The change does not fit: the axis ${name} of ${experiment} has ${shownList(values)}, expected ${shownList(before ?? [])}.`,
      { hint: "It was made for another sweep; make the diff again from this one." },
    );
  }
  return { targets: withoutAxes(changed, axes), axes };
}

/** Runs that only an axis which goes away told apart become one, with the value that is there instead. */
function withoutAxes(targets: Goal["targets"], axes: readonly AxisChange[]): Goal["targets"] {
  const gone = axes.filter(({ after, instead }) => after === undefined && instead !== undefined);
  if (gone.length === 0) return targets;
  const names = new Set(gone.map(({ name }) => name));
  const rest = new Map<string, Goal["targets"][number]>();
  for (const { axisValues, config } of targets) {
    const kept = Object.entries(axisValues).filter(([name]) => !names.has(name));
    const own = Object.fromEntries(kept);
    const key = canonicalJson(own);
    if (!rest.has(key)) rest.set(key, { axisValues: own, config: withValues(config, gone) });
  }
  return [...rest.values()];
}

function withValues(config: JsonObject, axes: readonly AxisChange[]): JsonObject {
  const operations = axes.flatMap(({ name, instead }): Operation[] => {
    const path = parsePath(name);
    const before = path && (valueAt(config, path) as JsonValue | undefined); // a part of JSON
    if (path === undefined || before === undefined || instead === undefined) return [];
    return [{ kind: "replace", path, before, value: instead }];
  });
  return applyOperations(operations, config) as JsonObject; // an object whose fields were changed
}

/** Values as a sentence lists them. */
export function shownList(values: readonly JsonValue[]): string {
  return values.length === 0 ? "no values" : values.map((one) => JSON.stringify(one)).join(", ");
}

/** The values of an axis, in the order of the runs. */
export function valuesOf(
  runs: readonly Pick<ResolvedRun, "axisValues">[],
  name: string,
): readonly JsonValue[] {
  const values: JsonValue[] = [];
  for (const { axisValues } of runs) {
    const value = Object.hasOwn(axisValues, name) ? axisValues[name] : undefined;
    if (value !== undefined && !values.some((one) => equalJson(one, value))) values.push(value);
  }
  return values;
}

/** What a run is to be: its own target; of a run that was not there before, the first one's with its axis values. */
export function targetOf({ targets }: Goal, { axisValues }: ResolvedRun): Goal["targets"][number] {
  const own = targets.find((one) => equalJson(one.axisValues, axisValues)) ?? targets[0];
  return own ?? { axisValues, config: {} };
}
