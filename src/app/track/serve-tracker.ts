/** The tracker's own process: it is told of runs by the process that executes them, and sends what is new of them. */
import { constants, setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createFileSystem } from "../../store/file-system.ts";
import { currentProcess, systemClock } from "../../store/process-facts.ts";
import type { RequestTools } from "../../track/mlflow/client.ts";
import { createLiveTarget } from "./live-tools.ts";
import { createTracker, type Tracker } from "./tracker.ts";
import type { FromTracker, ToTracker, TrackerSetting } from "./tracker-messages.ts";

/** Requests that are tried again with the next look at the runs anyway. */
const briefRequests: RequestTools = {
  fetch: async (url, init) => fetch(url, init),
  sleep: quietSleep,
  timeLimitMs: 5_000,
  maxTries: 2,
  delayMs: 300,
};

/**
 * Serves until all runs are over, or the process that executes them is gone: then what is left is sent as far as that goes.
 * @param environment - Variables of this process.
 */
export async function serveTracker(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  yieldToTraining();
  let setting: TrackerSetting | undefined;
  let tracker: Tracker | undefined;
  await new Promise<void>((resolve) => {
    let isEnding = false;
    const end = (waitMs: number): void => {
      const finished = tracker?.finish(waitMs) ?? Promise.resolve([]);
      if (isEnding) return; // it is only to end earlier
      isEnding = true;
      void finished.then((unsent) => {
        say({ kind: "finished", unsent });
        resolve();
      });
    };
    process.on("message", (message) => {
      const said = message as ToTracker; // the channel is ours alone
      if (said.kind === "start") ({ setting } = said);
      if (said.kind === "start") tracker = trackerOf(said.setting, environment);
      if (said.kind === "began") tracker?.began(said.run);
      if (said.kind === "ended") tracker?.ended(said.runKey, said.directory);
      if (said.kind === "finish") {
        const { waitMs, sentMs = Date.now() } = said; // it may have taken seconds to get here
        end(Math.max(0, waitMs - (Date.now() - sentMs)));
      }
    });
    process.on("disconnect", () => end(setting?.orphanWaitMs ?? 0));
  });
  if (process.connected) process.disconnect();
}

function trackerOf(
  { projectDirectory, intervalMs }: TrackerSetting,
  environment: Readonly<Record<string, string | undefined>>,
): Tracker {
  const tools = { files: createFileSystem(), here: currentProcess(), now: systemClock };
  return createTracker({
    ...tools,
    createTarget: (tool) =>
      createLiveTarget(tool, { ...tools, environment, projectDirectory, requests: briefRequests }),
    sleep: quietSleep,
    usedMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    intervalMs,
    warn: (text) => say({ kind: "warning", text }),
    onComplete: (tool) => say({ kind: "complete", tool }),
  });
}

/** Where the system does not allow it, the tracker is not niced. */
function yieldToTraining(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // It rests by its own account of the time that it uses, too.
  }
}

async function quietSleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined); // ended early
}

function say(message: FromTracker): void {
  process.send?.(message, undefined, undefined, () => undefined); // nobody may be there any more
}
