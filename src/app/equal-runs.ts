/** Runs that ask for the same as an earlier one, and what they differ in though it does not count. */
import type { JsonObject } from "../core/json.ts";
import type { ResolvedRun } from "../resolve/resolve.ts";
import { changeText } from "./change-text.ts";
import { changesBetween } from "./json-changes.ts";

/** A run beside the earlier one that it is equal to. */
export interface EqualRun {
  /** Of the run, from 1, where it is shown itself. */
  readonly number?: number;
  readonly config: JsonObject;
  readonly first: { readonly number: number; readonly config: JsonObject };
}

const maxShown = 3;

/**
 * What a plan says about runs that it leaves out, since an earlier one has their run key.
 * @param numRuns - Of the experiment, before any was left out.
 */
export function leftOutNotes(equal: readonly EqualRun[], numRuns: number): readonly string[] {
  if (equal.length === 0) return [];
  const [verb, whose] = equal.length === 1 ? ["is", "its"] : ["are", "their"];
  const head = `${equal.length} of ${numRuns} runs ${verb} left out: an earlier one has ${whose} run key`;
  return [`${head} (${differences(equal)}).`];
}

/** What resolving says about runs of equal `configHash`: whether they are one run, their data and environment tell. */
export function equalConfigNotes(
  runs: readonly Pick<ResolvedRun, "config" | "configHash">[],
): readonly string[] {
  const firstByHash = new Map<string, EqualRun["first"]>();
  const equal: EqualRun[] = [];
  for (const [index, { config, configHash }] of runs.entries()) {
    const number = index + 1;
    const first = firstByHash.get(configHash);
    if (first === undefined) firstByHash.set(configHash, { number, config });
    else equal.push({ number, config, first });
  }
  if (equal.length === 0) return [];
  const verb = equal.length === 1 ? "run has" : "runs have";
  return [
    `${equal.length} ${verb} the configHash of an earlier one (${differences(equal)}). ` +
      "A plan has the first of them alone, unless data or environment differ.",
  ];
}

/** `run 2 is run 1 with interval 1 → 2; and 3 more`. */
function differences(equal: readonly EqualRun[]): string {
  const shown = equal.slice(0, maxShown).map(({ number, config, first }) => {
    const changes = changesBetween(first.config, config);
    const texts = changes.map((change) => changeText(first.config, change)).join(", ");
    const own = number === undefined ? "" : `run ${number} is `;
    return `${own}run ${first.number} with ${texts}`;
  });
  const left = equal.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join("; ");
}
