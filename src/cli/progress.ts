/** The live display of an execution: bars on a screen, one plain line now and then anywhere else. */
import type { ExecutionEvent, RunOutcome } from "../app/outcome.ts";
import type { RunEvent } from "../core/run-events.ts";
import type { PlannedRun } from "../app/outcome.ts";
import { describeRun, formatMetric, mainMetrics } from "./run-text.ts";
import { cut, formatDuration, printable, width, type Terminal } from "./terminal.ts";

/** Shows events as they come; `close` leaves the cursor on a fresh line. */
export interface ProgressDisplay {
  show(event: ExecutionEvent): void;
  close(): void;
}

export interface ProgressOptions {
  readonly terminal: Terminal;
  /** Milliseconds of a clock that only moves forward. */
  readonly now: () => number;
  /** Path of a run's folder as it is printed. */
  readonly displayPath: (directory: string) => string;
}

/** A screen is redrawn at most this often; a log gets a line at most that often. */
const redrawIntervalMs = 100;
const plainIntervalMs = 5_000;

interface State {
  numRuns: number;
  numEnded: number;
  runStartedAt: number;
  /** When and at which step the first progress of the run came: what its pace is counted from. */
  first: { readonly at: number; readonly step: number } | undefined;
  lastDrawnAt: number;
  run: PlannedRun | undefined;
  progress: Progress | undefined;
}

type Progress = Extract<RunEvent, { kind: "progress" }>;

/** A display that begins empty; it draws when events come, never by a timer. */
export function createProgressDisplay(options: ProgressOptions): ProgressDisplay {
  const state: State = {
    numRuns: 0,
    numEnded: 0,
    runStartedAt: options.now(),
    first: undefined,
    lastDrawnAt: -Infinity,
    run: undefined,
    progress: undefined,
  };
  return {
    show: (event) => showEvent(event, state, options),
    close: () => eraseLine(options.terminal),
  };
}

function showEvent(event: ExecutionEvent, state: State, options: ProgressOptions): void {
  switch (event.kind) {
    case "warning":
      writeWarning(event.text, options);
      return;
    case "execution-started":
      state.numRuns = event.plan.runs.length;
      return;
    case "run-started":
      Object.assign(state, {
        run: event.run,
        runStartedAt: options.now(),
        first: undefined,
        progress: undefined,
        lastDrawnAt: -Infinity,
      } satisfies Partial<State>);
      if (options.terminal.isInteractive) draw(state, options);
      else writeLine(`${runLabel(state, event.run)}  started`, options);
      return;
    case "run-event":
      showRunEvent(event.event, state, options);
      return;
    case "run-ended":
      state.numEnded += 1;
      writeLine(endLine(event.outcome, state, options), options);
      return;
  }
}

function showRunEvent(event: RunEvent, state: State, options: ProgressOptions): void {
  if (event.kind === "log" && event.level === "warning") {
    writeWarning(event.text, options);
  }
  if (event.kind !== "progress") return;
  state.first ??= { at: options.now(), step: event.step };
  state.progress = event;
  draw(state, options);
}

function writeWarning(text: string, options: ProgressOptions): void {
  writeLine(options.terminal.style("yellow", `warning: ${printable(text)}`), options);
}

function draw(state: State, options: ProgressOptions): void {
  const { terminal, now } = options;
  const interval = terminal.isInteractive ? redrawIntervalMs : plainIntervalMs;
  if (now() - state.lastDrawnAt < interval) return;
  if (state.lastDrawnAt === -Infinity && !terminal.isInteractive) {
    state.lastDrawnAt = now(); // the line "started" has just been written
    return;
  }
  state.lastDrawnAt = now();
  const line = progressLine(state, options);
  if (terminal.isInteractive) terminal.write(`\r\u001b[2K${line}`);
  else terminal.write(`${line}\n`);
}

function progressLine(state: State, options: ProgressOptions): string {
  const { terminal } = options;
  const { progress, run } = state;
  const label = run === undefined ? "" : runLabel(state, run);
  if (progress === undefined) return cut(`${label}  preparing`, terminal.columns() - 1);
  const share = progress.numSteps === 0 ? 1 : progress.step / progress.numSteps;
  const facts = [
    `step ${progress.step}/${progress.numSteps}`,
    ...phaseFacts(progress),
    `ETA ${remaining(progress, state, options.now())}`,
  ].join("  ");
  const room = terminal.isInteractive ? terminal.columns() - 1 : Infinity;
  const shown = cut(label, Math.max(8, room - facts.length - 2));
  const forBar = room - width(shown) - facts.length - 4; // the label is worth more than the bar
  if (forBar < 8) return `${shown}  ${facts}`;
  return `${shown}  ${terminal.style("cyan", progressBar(share, Math.min(28, forBar)))}  ${facts}`;
}

function phaseFacts({ phase, loss }: Progress): readonly string[] {
  if (phase === "evaluation") return ["evaluating"];
  return loss === undefined ? [] : [`loss ${formatMetric(loss)}`];
}

function progressBar(share: number, columns: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * columns);
  return "━".repeat(filled) + "─".repeat(columns - filled);
}

/** Of this run from the pace of its steps; for the runs after it, as if they took as long as this one. */
function remaining(progress: Progress, state: State, now: number): string {
  const { first } = state;
  if (first === undefined || progress.step <= first.step) return "?";
  const perStep = (now - first.at) / (progress.step - first.step);
  const ofRun = perStep * (progress.numSteps - progress.step);
  const numAfter = state.numRuns - state.numEnded - 1;
  if (numAfter <= 0) return formatDuration(ofRun);
  const perRun = first.at - state.runStartedAt + perStep * progress.numSteps;
  return `${formatDuration(ofRun)} (all ${formatDuration(ofRun + numAfter * perRun)})`;
}

function runLabel(state: State, run: PlannedRun): string {
  return `[${run.index + 1}/${state.numRuns}] ${describeRun(run)}`;
}

function endLine(outcome: RunOutcome, state: State, options: ProgressOptions): string {
  const { terminal, displayPath } = options;
  const label = runLabel(state, outcome.run);
  const directory = printable(displayPath(outcome.directory));
  switch (outcome.status) {
    case "finished": {
      const time = outcome.isReused ? "already finished" : formatDuration(outcome.durationMs ?? 0);
      const mark = terminal.style("green", "finished");
      return [label, mark, ...mainMetrics(outcome), time, directory].join("  ");
    }
    case "failed":
      return [label, terminal.style("red", "failed"), printable(outcome.error?.message ?? "")].join(
        "  ",
      );
    case "paused":
      return [label, terminal.style("yellow", "stopped"), directory].join("  ");
    case "running":
      return [label, terminal.style("yellow", "running in another process")].join("  ");
    case "planned":
      return [label, "not started"].join("  ");
  }
}

function writeLine(line: string, options: ProgressOptions): void {
  eraseLine(options.terminal);
  options.terminal.write(`${line}\n`);
}

function eraseLine(terminal: Terminal): void {
  if (terminal.isInteractive) terminal.write("\r\u001b[2K");
}
