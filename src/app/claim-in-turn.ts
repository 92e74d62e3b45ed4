/** Executing a finished run once more, several times at one moment: each waits for its turn, so that each compares. */
import { setTimeout as sleep } from "node:timers/promises";
import { isExpError } from "../core/errors.ts";
import type { Attempt } from "../store/attempt.ts";
import type { BeginResult } from "../store/begin-attempt.ts";
import type { Store } from "../store/store.ts";
import { interruption } from "./task-context.ts";

/** Whose turn is waited for. */
export interface Turn {
  readonly store: Store;
  readonly runKey: string;
  /** Aborted by a signal. */
  readonly signal: AbortSignal;
  /** Begins an attempt that repeats the run where that is published by then. */
  readonly claim: () => Promise<BeginResult>;
  /** Called once, with a sentence, where another process is at the run. */
  readonly tell: (text: string) => void;
}

/** So often it is looked whether the other process is done. */
const intervalMs = 200;

/**
 * The attempt of a repetition, as soon as no other process is at the run.
 * @throws {ExpError} `interrupted` where a signal came while it waited; else what `claim` throws, but for `run-active`.
 */
export async function claimInTurn(turn: Turn): Promise<Attempt> {
  const { store, runKey, signal, claim, tell } = turn;
  for (let isTold = false; ;) {
    const rival = store.liveAttempt(runKey);
    const attempt = rival === undefined ? await tryClaim(claim) : undefined;
    if (attempt !== undefined) return attempt;
    if (rival !== undefined && !isTold) {
      isTold = true;
      const { record } = rival;
      const who =
        record === undefined ? "Another process" : `Process ${record.pid} on ${record.host}`;
      tell(`${who} executes this run now; it is executed again, and compared, after that.`);
    }
    if (rival !== undefined) await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw interruption("Stopped while another process was at the run.");
  }
}

/** `undefined` where another process was faster: it is at the run, or published it a moment ago. */
async function tryClaim(claim: Turn["claim"]): Promise<Attempt | undefined> {
  try {
    const begun = await claim();
    return begun.kind === "started" ? begun.attempt : undefined;
  } catch (error) {
    if (isExpError(error) && error.code === "run-active") return undefined;
    throw error;
  }
}
