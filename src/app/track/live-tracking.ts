/**
 * Live tracking of an execution: one tracker process for all its runs, started with the first that names a tool. Whatever
 * becomes of it, the runs go on, and what was not sent is told at the end with the command that sends it.
 */
import type { JsonObject } from "../../core/json.ts";
import { thrownMessage } from "../../core/thrown.ts";
import type { ExecutionEvent } from "../outcome.ts";
import { exportCommand } from "./export-command.ts";
import { liveToolsOf, type LiveTool } from "./live-tools.ts";
import { startTracker, type TrackerProcess } from "./tracker-process.ts";
import { createToolProblems } from "./tool-problems.ts";
import type { Unsent } from "./tracker.ts";

/** Variables of the environment. */
type Variables = Readonly<Record<string, string | undefined>>;

/** What is executed, and who is told. */
export interface TrackedExecution {
  /** The folder of the runs, absolute. */
  readonly store: string;
  /** Absolute. */
  readonly projectDirectory: string;
  /** Variables of this process, which the tracker gets too. Default: those that there are. */
  readonly environment?: Variables;
  /** Aborted by the first Ctrl-C: then the end waits no longer than a moment. */
  readonly signal: AbortSignal;
  readonly observe: (event: ExecutionEvent) => void;
  /** The runs are executed to be compared, and shown nowhere. Default: false. */
  readonly isRepeat?: boolean | undefined;
  /** Starts a tracker; tests put their own in place of a process. Default: a process. */
  readonly start?: typeof startTracker;
}

const stoppedAtOnce = "The command was stopped at once.";

/** How long a stopped command waits for what is left. */
const stoppedWaitMs = 2_000;

/** The user is told that something is waited for when it takes longer than this. */
const silentMs = 1_000;

/**
 * Executes runs and shows them in the tools that they name.
 * @param execute - Executes the runs, and tells what becomes of them to what it is given.
 */
export async function trackExecution<Result>(
  execution: TrackedExecution,
  execute: (observe: (event: ExecutionEvent) => void) => Promise<Result>,
): Promise<Result> {
  if (execution.isRepeat === true) return execute(execution.observe);
  const tracking = createTracking(execution);
  process.on("exit", tracking.stopped); // a second Ctrl-C ends the process here and now
  try {
    return await execute((event) => {
      tracking.note(event);
      execution.observe(event);
    });
  } finally {
    await tracking.end();
    process.off("exit", tracking.stopped);
  }
}

interface Tracking {
  note(event: ExecutionEvent): void;
  /** Tells what sends later what has not arrived, where nothing is waited for. */
  stopped(this: void): void;
  end(): Promise<void>;
}

/** How long things take, in milliseconds. */
interface Times {
  readonly intervalMs: number;
  readonly waitMs: number;
}

function createTracking(execution: TrackedExecution): Tracking {
  const { observe, environment = process.env } = execution;
  const named: Named = new Map();
  const warn = (text: string): void => observe({ kind: "warning", text: `tracking: ${text}` });
  const problems = createToolProblems(environment, warn);
  const tracker = createLateTracker(execution, warn);
  return {
    note: (event) => {
      if (event.kind === "execution-started" && event.numReused < event.plan.runs.length) {
        for (const { config } of event.plan.runs) problems.look(config, toolsOf(config));
      } else if (event.kind === "run-ended") {
        const { run, directory } = event.outcome;
        const { runKey } = run;
        if (isNamed(named, runKey)) tracker.opened()?.send({ kind: "ended", runKey, directory });
      } else if (event.kind === "run-started") noteStart(event);
    },
    stopped: () => {
      for (const { tool, runKeys } of named.values()) {
        if (tracker.hasAll(tool)) continue;
        warn(unsentText({ tool, runKeys: [...runKeys], reason: stoppedAtOnce }, execution));
      }
    },
    end: async () => {
      if (named.size === 0) return;
      const hopeless = [...named.values()].flatMap(({ tool, runKeys }): readonly Unsent[] => {
        const reason = problems.of(tool);
        return reason === undefined ? [] : [{ tool, runKeys: [...runKeys], reason }];
      });
      const hopeful = [...named.values()].filter(({ tool }) => problems.of(tool) === undefined);
      const unsent =
        hopeful.length === 0
          ? []
          : await finish(tracker.opened(), { ...execution, waitMs: tracker.waitMs() });
      const left = unsent ?? unknownEnds(hopeful.filter(({ tool }) => !tracker.hasAll(tool)));
      for (const one of [...hopeless, ...left]) warn(unsentText(one, execution));
    },
  };
  function toolsOf(config: JsonObject): readonly LiveTool[] {
    return liveToolsOf(config, execution);
  }
  function noteStart({ run, directory }: Extract<ExecutionEvent, { kind: "run-started" }>): void {
    const { runKey, config } = run;
    const all = toolsOf(config);
    for (const tool of all) noteTool(named, tool, runKey);
    problems.look(config, all);
    const tools = all.filter((tool) => problems.of(tool) === undefined);
    if (tools.length === 0) return;
    const { store } = execution;
    tracker.open()?.send({ kind: "began", run: { store, runKey, directory, tools } });
  }
}

/** A tracker that is started when the first run begins that it has to send. */
interface LateTracker {
  /** Starts it where that was not done yet; `undefined` where it is gone, or did not start. */
  open(): TrackerProcess | undefined;
  /** `undefined` where none was needed, or none did start. */
  opened(): TrackerProcess | undefined;
  /** A tool that has everything of all runs, whatever becomes of the others. */
  hasAll(tool: LiveTool): boolean;
  /** How long what is left may be sent. */
  waitMs(): number;
}

function createLateTracker(
  { projectDirectory, environment = process.env, start = startTracker }: TrackedExecution,
  warn: (text: string) => void,
): LateTracker {
  let times: Times | undefined;
  let tracker: TrackerProcess | undefined;
  let isLost = false;
  const complete = new Set<string>();
  const onComplete = (tool: LiveTool): void => void complete.add(JSON.stringify(tool));
  const lost = (how: string): void => {
    isLost = true;
    warn(`the process that sends runs is gone (${how}). The runs go on.`);
  };
  return {
    open: () => {
      if (tracker !== undefined || isLost) return tracker;
      times = timesOf(environment, warn);
      try {
        tracker = start(environment, { onWarning: warn, onLost: lost, onComplete });
      } catch (error) {
        lost(thrownMessage(error));
        return undefined;
      }
      const { intervalMs, waitMs } = times;
      const setting = { projectDirectory, intervalMs, orphanWaitMs: waitMs };
      tracker.send({ kind: "start", setting });
      return tracker;
    },
    opened: () => tracker,
    hasAll: (tool) => complete.has(JSON.stringify(tool)),
    waitMs: () => times?.waitMs ?? 0,
  };
}

type Named = Map<string, { readonly tool: LiveTool; readonly runKeys: Set<string> }>;

function noteTool(named: Named, tool: LiveTool, runKey: string): void {
  const key = JSON.stringify(tool);
  const known = named.get(key) ?? { tool, runKeys: new Set() };
  known.runKeys.add(runKey);
  named.set(key, known);
}

function isNamed(named: Named, runKey: string): boolean {
  return [...named.values()].some(({ runKeys }) => runKeys.has(runKey));
}

/** Nobody says what arrived: the cursors know, and exporting again sends what is missing. */
function unknownEnds(named: Iterable<{ tool: LiveTool; runKeys: Set<string> }>): readonly Unsent[] {
  const reason = "The process that sends runs did not say what arrived.";
  return [...named].map(({ tool, runKeys }) => ({ tool, runKeys: [...runKeys], reason }));
}

async function finish(
  tracker: TrackerProcess | undefined,
  { signal, observe, waitMs }: TrackedExecution & { readonly waitMs: number },
): Promise<readonly Unsent[] | undefined> {
  if (tracker === undefined) return undefined;
  const shortWaitMs = Math.min(waitMs, stoppedWaitMs);
  const timer = setTimeout(() => {
    const seconds = `${String((signal.aborted ? shortWaitMs : waitMs) / 1000)} s`;
    observe({ kind: "output", text: `tracking: sending what is left, for ${seconds} at most` });
  }, silentMs);
  const shortened = new Promise<undefined>((resolve) => {
    const giveUp = (): void => {
      tracker.send({ kind: "finish", waitMs: stoppedWaitMs }); // it knows why what is left did not arrive
      setTimeout(() => resolve(undefined), stoppedWaitMs + silentMs).unref();
    };
    if (!signal.aborted) signal.addEventListener("abort", giveUp, { once: true });
  });
  const ownWaitMs = signal.aborted ? shortWaitMs : waitMs;
  try {
    return await Promise.race([tracker.finish(ownWaitMs), shortened]);
  } finally {
    clearTimeout(timer);
  }
}

function unsentText(
  { tool, runKeys, reason }: Unsent,
  { store, projectDirectory, environment = process.env }: TrackedExecution,
): string {
  const place = { workingDirectory: process.cwd(), projectDirectory, store, environment };
  const runs = runKeys.length === 1 ? "1 run" : `${String(runKeys.length)} runs`;
  return `${tool.kind} has not all of ${runs}: ${reason} Later: ${exportCommand(tool, runKeys, place)}`;
}

/** The variables that say how often and how long, in seconds. */
function timesOf(environment: Variables, warn: (text: string) => void): Times {
  const seconds = (name: string, byDefault: number, min: number): number => {
    const text = environment[name] ?? "";
    const value = Number(text);
    if (text === "") return byDefault;
    if (Number.isFinite(value) && value >= min && value <= 3600) return value;
    warn(
      `${name} is ${JSON.stringify(text)}, which is no number of seconds from ${String(min)} to 3600: it is ${String(byDefault)}.`,
    );
    return byDefault;
  };
  return {
    intervalMs: 1000 * seconds("LOCKSTEP_TRACKING_INTERVAL", 1, 0.1),
    waitMs: 1000 * seconds("LOCKSTEP_TRACKING_WAIT", 10, 0),
  };
}
