/** Requests to servers of other tools. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestTools } from "../../track/mlflow/client.ts";

/** A server that restarts is waited for; one that is gone is told after some seconds. */
export const patientRequests: RequestTools = {
  fetch: async (url, init) => fetch(url, init),
  sleep: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined); // ended early
  },
  timeLimitMs: 20_000,
  maxTries: 5,
  delayMs: 500,
};
