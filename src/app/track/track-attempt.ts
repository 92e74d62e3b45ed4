/** An attempt whose run is shown in TensorBoard while it goes on: the process of the run writes the event file itself. */
import { isExpError } from "../../core/errors.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import type { RunEvent } from "../../core/run-events.ts";
import { scrub } from "../../core/secrets.ts";
import type { Attempt } from "../../store/attempt.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { currentProcess, systemClock } from "../../store/process-facts.ts";
import { beginLiveLog } from "../../track/tensorboard/live-log.ts";

/** Where the attempt is, what it runs, and who is told that its event file cannot be written. */
export interface TrackedRun {
  /** Absolute. */
  readonly store: string;
  readonly config: JsonObject;
  /** Shown and not written down. */
  readonly warn: (warning: RunEvent) => void;
}

/** The attempt itself, or one that also writes `logs/tensorboard/`; what fails there harms nothing else. */
export function trackAttempt(attempt: Attempt, { store, config, warn }: TrackedRun): Attempt {
  if (!wantsTensorboard(config)) return attempt;
  const log = beginLiveLog({
    files: createFileSystem(),
    here: currentProcess(),
    now: systemClock,
    store,
    directory: attempt.directory,
    later: (body, milliseconds) => {
      const timer = setTimeout(body, milliseconds);
      timer.unref();
      return () => clearTimeout(timer);
    },
    warn: (text) => warn({ kind: "log", level: "warning", text: scrub(text) }),
  });
  return {
    get directory(): string {
      return attempt.directory;
    },
    number: attempt.number,
    unseen: attempt.unseen,
    record: (event) => {
      attempt.record(event);
      if (event.kind === "metrics") log.noteRow();
    },
    resume: (check) => attempt.resume(check),
    firstDifference: () => attempt.firstDifference(),
    noteUnread: (paths) => attempt.noteUnread(paths),
    finish: () => {
      const finished = attempt.finish();
      log.end("success");
      return finished;
    },
    publish: (documents) => attempt.publish(documents),
    fail: (error) => {
      const isStopped = isExpError(error) && error.code === "interrupted";
      log.end(isStopped ? undefined : "failure"); // before a conflict is moved away
      attempt.fail(error);
    },
  };
}

/** Without `tracking` in the config it is written; with it, where it is among the tools. */
function wantsTensorboard({ tracking }: JsonObject): boolean {
  if (!Array.isArray(tracking)) return true;
  return tracking.some(
    (tool) => tool === "tensorboard" || (isPlainObject(tool) && tool["kind"] === "tensorboard"),
  );
}
