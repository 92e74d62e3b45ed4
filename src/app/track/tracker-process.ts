/** The tracker as the process that executes the runs holds it: a child that may die, hang or be gone without harm. */
import { fork } from "node:child_process";
import { ownProgram } from "../backends/probe.ts";
import type { LiveTool } from "./live-tools.ts";
import type { FromTracker, ToTracker } from "./tracker-messages.ts";
import type { Unsent } from "./tracker.ts";

/** A tracker at work. */
export interface TrackerProcess {
  /** Says something; where nobody is there any more, it is lost. */
  send(message: ToTracker): void;
  /**
   * Says that all runs are over.
   * @param waitMs - How long what is left may be sent.
   * @returns What did not arrive; `undefined` where the tracker does not say: it died, or did not end in time.
   */
  finish(waitMs: number): Promise<readonly Unsent[] | undefined>;
}

/** What is told of it. */
export interface TrackerEvents {
  /** Something that stopped nothing. */
  readonly onWarning: (text: string) => void;
  /** A tool has everything of all runs. */
  readonly onComplete: (tool: LiveTool) => void;
  /** It is gone, or never came; told once, and not where it was asked to end. */
  readonly onLost: (how: string) => void;
}

/** What a tracker that hangs may take beyond the time that it was given. */
const graceMs = 1_000;

/**
 * Starts a tracker. It keeps this process from ending only while `finish` waits, and outlives it for seconds at most.
 * @param environment - All variables of its process.
 */
export function startTracker(
  environment: Readonly<Record<string, string | undefined>>,
  events: TrackerEvents,
): TrackerProcess {
  const child = fork(ownProgram(), ["tracker"], {
    execArgv: [],
    env: environment,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    // A group of its own: the terminal's Ctrl-C ends the runs, and the tracker has their end to send.
    detached: true,
  });
  child.unref();
  child.channel?.unref();
  let isFinishing = false;
  let isGone = false;
  let settle: ((unsent: readonly Unsent[] | undefined) => void) | undefined;
  const gone = (how: string): void => {
    if (isGone) return;
    isGone = true;
    if (!isFinishing) events.onLost(how);
    settle?.(undefined);
  };
  child.on("error", (error) => gone(error.message));
  child.on("exit", (status, signal) =>
    gone(`it ended with ${signal ?? `status ${String(status)}`}`),
  );
  child.on("message", (message) => {
    const said = message as FromTracker; // the channel is ours alone
    if (said.kind === "warning") events.onWarning(said.text);
    else if (said.kind === "complete") events.onComplete(said.tool);
    else settle?.(said.unsent);
  });
  const send = (message: ToTracker): void => {
    if (!isGone && child.connected) child.send(message, () => undefined);
  };
  return {
    send,
    finish: async (waitMs) => {
      isFinishing = true;
      if (isGone) return undefined;
      child.channel?.ref();
      let timer: NodeJS.Timeout | undefined;
      const unsent = await new Promise<readonly Unsent[] | undefined>((resolve) => {
        settle = resolve;
        timer = setTimeout(() => resolve(undefined), waitMs + graceMs);
        send({ kind: "finish", waitMs, sentMs: Date.now() });
      });
      clearTimeout(timer);
      if (unsent === undefined) child.kill("SIGKILL");
      if (child.connected) child.disconnect();
      return unsent;
    },
  };
}
