/** Which runs a comparison is about: one run, the runs of an experiment or a filter, or those with one value of a field. */
import { ExpError } from "../../core/errors.ts";
import { compareJson } from "./json-order.ts";
import type { JsonValue } from "../../core/json.ts";
import { createFields, type Field } from "../../store/query/fields.ts";
import { readRuns, valueOf } from "../../store/query/indexed-run.ts";
import {
  countValues,
  selectIds,
  selectIdsBy,
  type RunOrder,
  type RunSet,
} from "../../store/query/select-ids.ts";
import { namedField } from "../../store/query/select-runs.ts";
import { isExperiment, nameRun, tryNameRun } from "./name-runs.ts";
import type { Lookup } from "./open-index.ts";

/** Runs of one column by their numbers in the index. */
export interface GroupedIds {
  /** The name of its run, the filter, or the value that its runs share. */
  readonly title: string;
  /** The newest first. */
  readonly ids: readonly number[];
}

/**
 * The group of an operand.
 * @param options.order - Of all runs, for all groups of a comparison.
 * @throws {ExpError} `usage` for a name that means no run, a wrong filter, and one that takes no run.
 */
export function groupOf(
  lookup: Lookup,
  operand: string,
  { workingDirectory, order }: { readonly workingDirectory: string; readonly order: RunOrder },
): GroupedIds {
  const { database, now } = lookup;
  const run = tryNameRun(lookup, operand, workingDirectory);
  if (run !== undefined) return { title: run.name, ids: idsOfName(lookup, run.name) };
  if (isExperiment(lookup, operand))
    return { title: operand, ids: selectIds(database, { experiment: operand, now }) };
  if (/^[\w./-]+$/u.test(operand)) nameRun(lookup, operand, workingDirectory); // says what a name is
  const ids = selectIds(database, { filter: operand, now }, { order });
  if (ids.length > 0) return { title: operand, ids };
  throw new ExpError("usage", `No run matches ${operand}.`, { hint: "exp runs lists the runs." });
}

function idsOfName({ database }: Lookup, name: string): readonly number[] {
  return database
    .all("SELECT id FROM stored_runs WHERE name = ?", name)
    .map(({ id }) => Number(id));
}

/** More groups are no comparison, but a mistake in the field. */
const maxGroups = 50;

/**
 * The runs of one filter, or all, by the values of a field.
 * @throws {ExpError} `usage` for several filters, no runs, an unknown field, and more than 50 values.
 */
export function groupsBy(
  lookup: Lookup,
  operands: readonly string[],
  by: string,
): readonly GroupedIds[] {
  const [filter, second] = operands;
  if (second !== undefined) {
    throw new ExpError("usage", "exp compare: --by splits the runs of one filter.");
  }
  const { database, now } = lookup;
  const isOfExperiment = filter !== undefined && isExperiment(lookup, filter);
  const all = filter === undefined ? { now } : { filter, now };
  const set: RunSet = isOfExperiment ? { experiment: filter, now } : all;
  if (database.first("SELECT 1 FROM stored_runs") === undefined) throw noRun();
  const field = namedField(createFields(database), by, "grouped by");
  const groups = selectIdsBy(database, set, { field, maxGroups });
  if (groups.length === 0) throw noRun();
  if (groups.length > maxGroups) {
    const number = countValues(database, set, field);
    throw new ExpError(
      "usage",
      `exp compare: ${by} has ${number} values; at most ${maxGroups} are compared.`,
    );
  }
  return byValue(lookup, groups, field).map(({ value, ids }) => ({
    title: `${by}=${typeof value === "string" ? value : JSON.stringify(value ?? null)}`,
    ids,
  }));
}

function noRun(): ExpError {
  return new ExpError("usage", "exp compare: no run matches.");
}

/** In the order of their values, which one run of each tells. */
function byValue(
  { database }: Lookup,
  groups: readonly (readonly number[])[],
  field: Field,
): readonly { readonly value: JsonValue | undefined; readonly ids: readonly number[] }[] {
  return groups
    .map((ids) => {
      const [run] = readRuns(database, ids.slice(0, 1));
      return { value: run && valueOf(run, field), ids };
    })
    .toSorted((a, b) => compareJson(a.value, b.value));
}
