/** Turns signals into an abort: the first asks the run to stop at a step's end, the second ends the process. */
import { exitStatus } from "./exit-status.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * One Ctrl-C may come twice: from the terminal, which tells the whole group of processes, and from the package manager
 * that started us and hands on what it is told. Nobody presses it twice within this time.
 */
const echoMs = 150;

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
  let firstAt = 0;
  const handler = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt < echoMs) return;
      process.exit(exitStatus.killed);
    }
    firstAt = performance.now();
    say(`${name}: ${what()}. Once more stops at once.`);
    controller.abort(name);
  };
  for (const name of signals) process.on(name, handler);
  return {
    signal: controller.signal,
    close: () => {
      for (const name of signals) process.off(name, handler);
    },
  };
}
