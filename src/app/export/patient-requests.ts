/** Requests to servers of other tools. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestTools } from "../../track/mlflow/client.ts";

/** Somebody who sees nothing for so long is told what is waited for. */
const silentMs = 3_000;

/**
 * A server that restarts is waited for; one that is gone is told after some seconds, one that hangs after two minutes.
 * @param onWait - Told what is waited for, in words without a full stop.
 */
export function patientRequests(onWait?: (text: string) => void): RequestTools {
  return {
    fetch: async (url, init) => fetch(url, init),
    sleep: async (milliseconds, signal) => {
      await sleep(milliseconds, undefined, { signal }).catch(() => undefined); // ended early
    },
    timeLimitMs: 20_000,
    maxTries: 5,
    delayMs: 500,
    ...(onWait && { waiting: { afterMs: silentMs, tell: onWait } }),
  };
}
