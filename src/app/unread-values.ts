/** Which values of a run's config its task never looked at, where that tells something. */
import type { TaskData } from "../config/definition.ts";
import type { JsonObject } from "../core/json.ts";
import { trackReads, type TrackedReads } from "../core/tracked-reads.ts";
import type { PlannedRun } from "../resolve/plan.ts";

/**
 * The paths that a run has not read, in the order of its config. Of the training task only those in its identity: Lockstep
 * reads the others elsewhere (`logging`, `data.path`), and what is for another mode or has the value that means nothing
 * is no part of it.
 * @param reads - Of the run's config, when its task is done.
 */
export function unreadValues(
  reads: TrackedReads,
  { identityText }: Pick<PlannedRun, "identityText">,
  { sealsItself = false }: Pick<TaskData, "sealsItself">,
): readonly string[] {
  const unread = reads.unread();
  if (!sealsItself || unread.length === 0) return unread;
  const identity = JSON.parse(identityText) as { readonly config: JsonObject }; // written by Lockstep
  const counted = new Set(trackReads(identity.config).unread());
  return unread.filter((path) => counted.has(path));
}
