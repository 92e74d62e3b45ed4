/** A run of the index as JSON. */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { jsonNumber } from "../../core/number-text.ts";
import type { IndexedRun, MetricNumbers } from "../../store/query/indexed-run.ts";

/** Facts that are times; JSON has them in ISO 8601. */
const times = new Set(["started", "ended"]);

/**
 * The document of a run.
 * @param directory - As the reader can use it.
 */
export function runDocument(run: IndexedRun, directory: string): JsonObject {
  return {
    run: run.name,
    runKey: run.runKey,
    directory,
    status: run.status,
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    ...factsDocument(run),
    tags: run.tags,
    notes: run.notes.map(({ time, text }) => ({ time, text })),
    ...(run.selection === undefined ? {} : { selection: { ...run.selection } }),
    config: Object.fromEntries(run.config),
    metrics: Object.fromEntries([...run.metrics].map(([name, one]) => [name, numbersOf(one)])),
  };
}

/** The facts of a run by the names that filters have for them. */
export function factsDocument({ facts }: Pick<IndexedRun, "facts">): JsonObject {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      times.has(name) && typeof value === "number" ? new Date(value).toISOString() : value,
    ]),
  );
}

function numbersOf(numbers: MetricNumbers): JsonValue {
  return Object.fromEntries(
    Object.entries(numbers).map(([part, value]) => [part, jsonNumber(value)]),
  );
}
