/** Turns signals into an abort: the first asks the run to stop at a step's end, the second ends the process. */
import { exitStatus } from "./exit-status.ts";
import { createPressCounter } from "./signal-presses.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface SignalWatch {
  readonly signal: AbortSignal;
  /** Removes the handlers. */
  close(): void;
}

/**
 * Watches for SIGINT, SIGTERM and SIGHUP.
 * @param say - Called with one line for the user at the first signal.
 * @param what - What the first signal leads to, in words, when it comes.
 */
export function watchSignals(say: (line: string) => void, what: () => string): SignalWatch {
  const controller = new AbortController();
  const delays = watchDelays();
  const presses = createPressCounter(isHandedOn(process.env));
  const handler = (name: NodeJS.Signals): void => {
    const now = performance.now();
    const numPresses = presses.take(now, delays.isLate(now));
    if (numPresses >= 2) process.exit(exitStatus.killed);
    if (controller.signal.aborted) return;
    say(`${name}: ${what()}. Once more stops at once.`);
    controller.abort(name);
  };
  for (const name of signals) process.on(name, handler);
  return {
    signal: controller.signal,
    close: () => {
      delays.close();
      for (const name of signals) process.off(name, handler);
    },
  };
}

/** Whether a package manager started this process: it hands on the signals that it is told of. */
function isHandedOn(variables: NodeJS.ProcessEnv): boolean {
  return variables["npm_lifecycle_event"] !== undefined || variables["npm_command"] !== undefined;
}

const beatMs = 100;

/** Tells whether what is told now may have waited: a step of training lets no signal through before its end. */
function watchDelays(): { isLate: (now: number) => boolean; close: () => void } {
  let beatAt = performance.now();
  let lateAt = -Infinity;
  const beat = (): void => {
    const now = performance.now();
    if (now - beatAt > 2 * beatMs) lateAt = now;
    beatAt = now;
  };
  const timer = setInterval(beat, beatMs).unref();
  return {
    isLate: (now) => now - lateAt < beatMs / 2 || now - beatAt > 2 * beatMs,
    close: () => {
      clearInterval(timer);
    },
  };
}
