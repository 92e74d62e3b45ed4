/** What tells runs apart, or groups of runs. */
import type { JsonValue } from "../../core/json.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { maskConfigValue } from "../../store/redact-config.ts";

/** Said for people: they tell runs apart where nothing else does. */
const labels: ReadonlySet<string> = new Set(["description", "name", "tags"]);

/**
 * Paths of the config whose value is one within each group and not the same in all, sorted. A seed over which a group
 * repeats is none of them.
 */
export function differingPaths(groups: readonly (readonly IndexedRun[])[]): readonly string[] {
  const paths = new Set(groups.flatMap((runs) => runs.flatMap(({ config }) => [...config.keys()])));
  const differing = [...paths].toSorted().filter((path) => {
    const texts = groups.map((runs) => textsIn(runs, path));
    return (
      texts.every(({ size }) => size <= 1) && new Set(texts.flatMap((one) => [...one])).size > 1
    );
  });
  const deciding = differing.filter((path) => !labels.has(path));
  return deciding.length > 0 ? deciding : differing;
}

/** A run without the path differs from one that has it. */
function textsIn(runs: readonly IndexedRun[], path: string): ReadonlySet<string> {
  return new Set(runs.map(({ config }) => JSON.stringify(config.get(path)) ?? "absent"));
}

/** The value that the runs of a group share, without secrets; `undefined` where they have none. */
export function sharedValue(runs: readonly IndexedRun[], path: string): JsonValue | undefined {
  return runs[0] === undefined ? undefined : shownValue(runs[0], path);
}

/** What a picture or a page shows of a run's value, which is passed on; `undefined` where it has none. */
export function shownValue({ config }: IndexedRun, path: string): JsonValue | undefined {
  const value = config.get(path);
  return value === undefined ? undefined : maskConfigValue(path, value);
}
