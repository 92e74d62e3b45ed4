/** Where a planned run stands, read from the store: never from a flag. */
import { isExpError } from "../core/errors.ts";
import type { Store } from "../store/store.ts";

/** `lost`: killed without a word; `damaged`: its folder is there and cannot be read. */
export type StoredStatus =
  "finished" | "running" | "paused" | "failed" | "lost" | "damaged" | "planned";

/** The status of a run key: that of its publication, else of its last attempt, else `planned`. */
export function storedStatus(store: Store, runKey: string): StoredStatus {
  try {
    if (store.findPublished(runKey) !== undefined) return "finished";
  } catch (error) {
    if (!isExpError(error)) throw error;
    return "damaged";
  }
  const attempts = store.listAttempts(runKey);
  if (attempts.some(({ status }) => status.kind === "running")) return "running";
  const last = attempts.at(-1);
  if (last === undefined) return "planned";
  if (last.status.kind !== "failed") return last.status.kind;
  return last.status.failure.code === "interrupted" ? "paused" : "failed";
}
