/** Runs of other tools, whose texts and numbers may be anything, as canonical JSON can say them. */
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ForeignRow } from "../../store/foreign-runs.ts";
import type { FoundRun } from "./found-runs.ts";

/** Deeper than any config of people; what is below stays there as its JSON. */
const maxDepth = 50;

/**
 * The run as it can be stored: halves of surrogate pairs become U+FFFD, numbers that are not finite in a config their names,
 * a key `__proto__` becomes `_proto_`, and rows without a place are left out.
 */
export function storableRun(run: FoundRun): FoundRun {
  const { id, name, experiment, status, tags, config, rows, results } = run;
  return {
    ...run,
    id: text(id),
    ...(name !== undefined && { name: text(name) }),
    experiment: text(experiment),
    ...(status !== undefined && { status: text(status) }),
    tags: tags.map(text),
    config: value(config, 0) as JsonObject, // of the same shape
    rows: rows.filter(({ step }) => Number.isFinite(step)).map(row),
    results: figures(results),
  };
}

function row(one: ForeignRow): ForeignRow {
  return { ...one, values: figures(one.values) };
}

function figures(values: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const isPlain = [...values.keys()].every((name) => key(name) === name);
  return isPlain ? values : new Map(Array.from(values, ([name, one]) => [key(name), one]));
}

function value(one: JsonValue, depth: number): JsonValue {
  if (typeof one === "string") return text(one);
  if (typeof one === "number") return Number.isFinite(one) ? one : String(one);
  if (typeof one !== "object" || one === null) return one;
  if (depth >= maxDepth) return text(JSON.stringify(one));
  if (Array.isArray(one)) return one.map((item: JsonValue) => value(item, depth + 1));
  if (!isPlainObject(one)) return text(JSON.stringify(one));
  const fields = Object.entries(one);
  return Object.fromEntries(fields.map(([name, child]) => [key(name), value(child, depth + 1)]));
}

function key(name: string): string {
  return name === "__proto__" ? "_proto_" : text(name);
}

/** With the `u` flag, only halves that stand alone match. */
function text(one: string): string {
  return one.replace(/\p{Surrogate}/gu, "\u{fffd}");
}
