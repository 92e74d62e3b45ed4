/** The sign of life of an attempt: a small file that is written again and again, and may be lost at any time. */
import { join } from "node:path";
import { heartbeatIntervalMs } from "./attempt-record.ts";
import type { FileSystem } from "./file-system.ts";
import { runFiles } from "./run-layout.ts";

export interface Heartbeat {
  /** Beats when the timer had no chance to, because steps keep the process busy. */
  beatIfDue(now: Date): void;
  stop(): void;
}

/** Beats every ten seconds, without keeping the process alive. */
export function startHeartbeat(
  files: FileSystem,
  { directory, clock }: { readonly directory: string; readonly clock: () => Date },
): Heartbeat {
  const path = join(directory, runFiles.heartbeat);
  let lastMs = clock().getTime();
  const beat = (now: Date): void => {
    lastMs = now.getTime();
    try {
      files.overwrite(path, `${now.toISOString()}\n`);
    } catch {
      return; // advisory: a beat that is missed ends nothing, and the next record shows what is wrong
    }
  };
  const timer = setInterval(() => {
    beat(clock());
  }, heartbeatIntervalMs);
  timer.unref();
  return {
    beatIfDue: (now): void => {
      if (now.getTime() - lastMs >= heartbeatIntervalMs) beat(now);
    },
    stop: (): void => {
      clearInterval(timer);
    },
  };
}
