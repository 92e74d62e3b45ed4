/** Runs that a planned one can be compared with, and the nearest of them: what is equal in most, config before all else. */
import { parseJson, isPlainObject, type JsonObject } from "../core/json.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { PublishedRun } from "../store/published-run.ts";
import type { Store } from "../store/store.ts";
import { changesBetween, type JsonChange } from "./json-changes.ts";

type Identities = Pick<
  PlannedRun,
  "runKey" | "configHash" | "groupHash" | "codeHash" | "dataHash" | "environmentClass"
>;

/** A run that is finished, or that another plan holds. */
export interface KnownRun extends Identities {
  /** Absolute; absent for a run of a plan. */
  readonly directory?: string;
  readonly task: string;
  /** The part of the config that counts; read when it is asked for. */
  readonly config: () => JsonObject;
}

/** The finished runs of a store. */
export function finishedRuns(store: Store): readonly KnownRun[] {
  return store.listPublished().runs.map((run) => knownRun(run, store));
}

/** A finished run, to compare others with. */
export function knownRun(run: PublishedRun, store: Store): KnownRun {
  const { directory, manifest } = run;
  const config = once(() => countedConfig(store.readIdentity(run)));
  return { ...manifest.identities, directory, task: manifest.task.name, config };
}

/** A run of a plan, to be compared with others. */
export function plannedAsKnown(run: PlannedRun, task: string): KnownRun {
  return { ...run, task, config: once(() => countedConfig(run.identityText)) };
}

/** `config` in the text of an `identity.json`; empty where the text is damaged. */
function countedConfig(identityText: string): JsonObject {
  const identity = parseJson(identityText);
  const config = isPlainObject(identity) ? identity["config"] : undefined;
  return isPlainObject(config) ? (config as JsonObject) : {};
}

function once<Value>(compute: () => Value): () => Value {
  let known: { readonly value: Value } | undefined;
  return () => (known ??= { value: compute() }).value;
}

/** Comparing configs field by field takes time, so of runs that share no hash only so many are looked at. */
const maxCompared = 64;

export interface NearestRun {
  readonly run: KnownRun;
  /** From its config to the planned one; empty where both are the same. */
  readonly changes: readonly JsonChange[];
}

/** A function that finds the nearest of some runs, or `undefined` where none is of the same task. */
export function createSearch(
  known: readonly KnownRun[],
  task: string,
): (run: PlannedRun) => NearestRun | undefined {
  const comparable = known.filter((one) => one.task === task);
  const byConfig = groupBy(comparable, (one) => one.configHash);
  const byGroup = groupBy(comparable, (one) => one.groupHash);
  return (run) => {
    const same = byConfig.get(run.configHash);
    const candidates = same ?? byGroup.get(run.groupHash) ?? comparable;
    const ranked = candidates.toSorted((a, b) => numEqual(b, run) - numEqual(a, run));
    const config = same === undefined ? countedConfig(run.identityText) : {};
    let nearest: NearestRun | undefined;
    for (const one of ranked.slice(0, same === undefined ? maxCompared : 1)) {
      const limit = nearest?.changes.length;
      const changes = same === undefined ? changesBetween(one.config(), config, limit) : [];
      if (nearest === undefined || changes.length < nearest.changes.length)
        nearest = { run: one, changes };
    }
    return nearest;
  };
}

/** How many of the parts beside the config are equal. */
function numEqual(one: Identities, other: Identities): number {
  const parts = ["codeHash", "dataHash", "environmentClass"] as const;
  return parts.filter((part) => one[part] === other[part]).length;
}

function groupBy(
  runs: readonly KnownRun[],
  key: (run: KnownRun) => string,
): Map<string, KnownRun[]> {
  const groups = new Map<string, KnownRun[]>();
  for (const run of runs) {
    const group = groups.get(key(run));
    if (group === undefined) groups.set(key(run), [run]);
    else group.push(run);
  }
  return groups;
}
