/** Exit statuses of `exp`; scripts rely on them, so a number never changes its meaning. */
import type { ErrorCode } from "../core/errors.ts";

/** Every status that `exp` ends with. */
export const exitStatus = {
  done: 0,
  /** A run failed or is being executed by another process, or something that was compared differs. */
  failed: 1,
  /** Usage, config, data or environment. */
  wrongInput: 2,
  /** `exp verify`: something else came out. */
  diverged: 3,
  /** `exp verify`: there is nothing that could be compared. */
  notComparable: 4,
  /** Our bug. */
  internal: 70,
  /** Stopped by a signal after a checkpoint. */
  stopped: 75,
  /** Stopped at once: by a second Ctrl-C, or before anything could be saved. */
  killed: 130,
} as const;

/** The exit status of an error that ends the whole command, as opposed to one run of it. */
export function statusOfError(code: ErrorCode): number {
  switch (code) {
    case "usage":
    case "module":
    case "config":
    case "data":
    case "environment":
    case "store":
      return exitStatus.wrongInput;
    case "run-active":
    case "conflict":
    case "diverged":
    case "training":
      return exitStatus.failed;
    case "interrupted":
      return exitStatus.stopped;
  }
}
