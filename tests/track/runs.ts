/** Runs that are hard to show: repeats, one that went on, one without rows, one with hostile names. */
import { trackAttempt } from "../../src/app/track/track-attempt.ts";
import { sha256 } from "../../src/core/hash.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { RunEvent } from "../../src/core/run-events.ts";
import type { Attempt } from "../../src/store/attempt.ts";
import type { AttemptOptions } from "../../src/store/begin-attempt.ts";
import { openStore } from "../../src/store/store.ts";
import { attemptOptions, begin, documents, runEvents } from "../unit/store/sample-run.ts";

/** A name that is markup in many places. */
export const hostileName = '</script><b>=1+1,"x"\n\u202eRTL\u001b[31m';

/** The worst that a metric may be called: control characters are refused. */
export const hostileMetric = '</script><b>=1+1,"x"\u202eRTL';

/** What is asked for, with a config that counts but for its seed. */
export function optionsOf(
  seed: number,
  config: JsonObject = { model: { kind: "mlp" } },
): AttemptOptions {
  const whole = { ...config, seed };
  const identityText = JSON.stringify({ config: whole });
  const options = attemptOptions(seed, { config: whole, identityText });
  const groupHash = sha256(JSON.stringify(config));
  const identities = { ...options.identities, configHash: sha256(identityText), groupHash };
  return { ...options, identities };
}

function beginTracked(store: string, options: AttemptOptions): Attempt {
  const warn = (event: RunEvent): never => {
    throw new Error(JSON.stringify(event));
  };
  return trackAttempt(begin(openStore(store), options), { store, config: {}, warn });
}

/**
 * Fills a store as a process does that executes runs: two repeats of one setting, a run that was cut after its first step
 * and went on, one that failed without a row, and a hostile one that still runs.
 * @returns The keys, by what they are.
 */
export function writeRuns(
  store: string,
): Readonly<Record<"first" | "second" | "resumed" | "empty" | "hostile", string>> {
  const finish = (attempt: Attempt, events: readonly RunEvent[]): void => {
    for (const event of events) attempt.record(event);
    attempt.finish();
    attempt.publish(documents);
  };
  finish(beginTracked(store, optionsOf(1)), runEvents(3));
  finish(beginTracked(store, optionsOf(2)), runEvents(3, 2));
  const other = { model: { kind: "bert" }, tags: ["a", "b"], learningRate: 1e-4, isDeep: true };
  const cut = beginTracked(store, optionsOf(3, other));
  for (const event of runEvents(3).slice(0, 6)) cut.record(event);
  cut.fail(new Error("cut"));
  const going = beginTracked(store, optionsOf(3, other));
  going.resume();
  finish(going, runEvents(3).slice(6));
  beginTracked(store, optionsOf(4)).fail(new Error("at once"));
  const hostile = beginTracked(store, {
    ...optionsOf(5, { name: hostileName, long: "x".repeat(10_000) }),
    experiment: hostileName,
  });
  const values = { "train.loss": NaN, [hostileMetric]: Infinity, "a/b": -Infinity, "a.b": 1e-300 };
  hostile.record({ kind: "metrics", step: 0, epoch: 0, values });
  hostile.fail(new Error(hostileName));
  const keyOf = (seed: number): string => optionsOf(seed).identities.runKey.slice(0, 16);
  return {
    first: keyOf(1),
    second: keyOf(2),
    resumed: keyOf(3),
    empty: keyOf(4),
    hostile: keyOf(5),
  };
}
