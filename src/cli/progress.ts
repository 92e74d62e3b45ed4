/**
 * The live display of an execution: bars on a screen, one plain line now and then anywhere else. Of several runs at once
 * a screen shows a line each, anything else one line for all.
 */
import type { ExecutionEvent, PlannedRun, RunOutcome } from "../app/outcome.ts";
import {
  activeRuns,
  advance,
  createProgressState,
  remainingOf,
  remainingOfAll,
  shareOf,
  type ActiveRun,
  type Progress,
  type ProgressState,
} from "./progress-state.ts";
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

/** More would push what was said before out of the screen. */
const maxLines = 12;

interface Display extends ProgressOptions {
  readonly state: ProgressState;
  lastDrawnAt: number;
  /** Lines that stand on the screen and will be drawn over. */
  numDrawn: number;
  /** Runs that were not started, which are told together. */
  numHeld: number;
}

/** A display that begins empty; it draws when events come, never by a timer. */
export function createProgressDisplay(options: ProgressOptions): ProgressDisplay {
  const state = createProgressState();
  const display: Display = { ...options, state, lastDrawnAt: -Infinity, numDrawn: 0, numHeld: 0 };
  return {
    show: (event) => {
      advance(state, event, options.now());
      showEvent(event, display);
    },
    close: () => {
      erase(display);
      const { numHeld } = display;
      display.numHeld = 0;
      if (numHeld > 0)
        writeLine(`${numHeld === 1 ? "1 run was" : `${numHeld} runs were`} not started`, display);
    },
  };
}

function showEvent(event: ExecutionEvent, display: Display): void {
  const { terminal, state } = display;
  switch (event.kind) {
    case "execution-started":
      return;
    case "run-started":
      if (!terminal.isInteractive) writeLine(`${runLabel(state, event.run)}  started`, display);
      if (state.active.size === 1) display.lastDrawnAt = -Infinity;
      if (terminal.isInteractive) draw(display, "now");
      return;
    case "run-event":
      if (event.event.kind === "log" && event.event.level === "warning") {
        writeWarning(event.event.text, display);
      }
      if (event.event.kind === "progress") draw(display, "when due");
      return;
    case "run-ended":
      if (event.outcome.status === "planned") {
        display.numHeld += 1; // after a stop there may be thousands
        return;
      }
      writeLine(endLine(event.outcome, display), display);
      if (terminal.isInteractive && state.active.size > 0) draw(display, "now");
      return;
    case "warning":
      return writeWarning(event.text, display);
    case "output": {
      const label = event.run === undefined ? "" : `[${event.run.index + 1}/${state.numRuns}] `;
      writeLine(terminal.style("dim", `${label}${printable(event.text)}`), display);
    }
  }
}

function draw(display: Display, when: "now" | "when due"): void {
  const { terminal, now, state } = display;
  const interval = terminal.isInteractive ? redrawIntervalMs : plainIntervalMs;
  if (when === "when due" && now() - display.lastDrawnAt < interval) return;
  const isFirst = display.lastDrawnAt === -Infinity;
  display.lastDrawnAt = now();
  if (isFirst && !terminal.isInteractive) return; // the line "started" has just been written
  const active = activeRuns(state);
  const [only] = active;
  if (!terminal.isInteractive) {
    const isOne = active.length === 1 && only !== undefined;
    terminal.write(`${isOne ? progressLine(only, display, Infinity) : sharedLine(display)}\n`);
    return;
  }
  const room = terminal.columns() - 1;
  const shown = active.slice(0, maxLines).map((one) => progressLine(one, display, room));
  const lines = active.length > 1 ? [...shown, cut(totalLine(display), room)] : shown;
  erase(display);
  terminal.write(lines.join("\n"));
  display.numDrawn = lines.length;
}

function progressLine(active: ActiveRun, display: Display, room: number): string {
  const { terminal, state, now } = display;
  const { progress, run } = active;
  const label = runLabel(state, run);
  if (progress === undefined) return cut(`${label}  preparing`, terminal.columns() - 1);
  const facts = [
    `step ${progress.step}/${progress.numSteps}`,
    ...phaseFacts(progress),
    `ETA ${etaText(active, state, now())}`,
  ].join("  ");
  const shown = cut(label, Math.max(8, room - facts.length - 2));
  const forBar = room - width(shown) - facts.length - 4; // the label is worth more than the bar
  if (forBar < 8) return `${shown}  ${facts}`;
  const bar = progressBar(shareOf(active), Math.min(28, forBar));
  return `${shown}  ${terminal.style("cyan", bar)}  ${facts}`;
}

function phaseFacts({ phase, loss }: Progress): readonly string[] {
  if (phase === "evaluation") return ["evaluating"];
  return loss === undefined ? [] : [`loss ${formatMetric(loss)}`];
}

function progressBar(share: number, columns: number): string {
  const filled = Math.round(share * columns);
  return "━".repeat(filled) + "─".repeat(columns - filled);
}

/** Of one run; where it is alone, of all runs behind it too. */
function etaText(active: ActiveRun, state: ProgressState, now: number): string {
  const ofRun = remainingOf(active, now);
  if (ofRun === undefined) return "?";
  const isLast = state.numRuns - state.numEnded - state.active.size <= 0;
  const ofAll = state.active.size > 1 || isLast ? undefined : remainingOfAll(state, now);
  return ofAll === undefined
    ? formatDuration(ofRun)
    : `${formatDuration(ofRun)} (all ${formatDuration(ofAll)})`;
}

/** `3 of 12 runs ended, 2 running  ETA 4:10` */
function totalLine({ state, now }: Display): string {
  const remaining = remainingOfAll(state, now());
  const eta = remaining === undefined ? "?" : formatDuration(remaining);
  return `${state.numEnded} of ${state.numRuns} runs ended, ${state.active.size} running  ETA ${eta}`;
}

/** All runs that are on, in one line of a log. */
function sharedLine(display: Display): string {
  const active = activeRuns(display.state).slice(0, maxLines);
  const shares = active.map((one) => `[${one.run.index + 1}] ${Math.floor(100 * shareOf(one))} %`);
  return [totalLine(display), ...shares].join("  ");
}

function runLabel(state: ProgressState, run: PlannedRun): string {
  return `[${run.index + 1}/${state.numRuns}] ${describeRun(run)}`;
}

function endLine(outcome: RunOutcome, { terminal, displayPath, state }: Display): string {
  const label = runLabel(state, outcome.run);
  const directory = printable(displayPath(outcome.directory));
  switch (outcome.status) {
    case "finished": {
      const { reusedFrom } = outcome;
      const before =
        reusedFrom === undefined
          ? "already finished"
          : `reused from ${reusedFrom.runKey.slice(0, 8)}, other ${reusedFrom.differing.join(", ")}`;
      const time = outcome.isReused ? before : formatDuration(outcome.durationMs ?? 0);
      const mark = terminal.style("green", "finished");
      return [label, mark, ...mainMetrics(outcome), time, directory].join("  ");
    }
    case "failed": {
      const [message = ""] = (outcome.error?.message ?? "").split("\n"); // the rest comes at the end
      return [label, terminal.style("red", "failed"), printable(message)].join("  ");
    }
    case "paused":
      return [label, terminal.style("yellow", "stopped"), directory].join("  ");
    case "running":
      return [label, terminal.style("yellow", "running in another process")].join("  ");
    case "planned":
      return [label, "not started"].join("  ");
  }
}

function writeWarning(text: string, display: Display): void {
  writeLine(display.terminal.style("yellow", `warning: ${printable(text)}`), display);
}

function writeLine(line: string, display: Display): void {
  erase(display);
  display.terminal.write(`${line}\n`);
}

/** The cursor stands at the end of the last line that was drawn. */
function erase(display: Display): void {
  if (!display.terminal.isInteractive) return;
  const up = "\u001b[1A\r\u001b[2K".repeat(Math.max(0, display.numDrawn - 1));
  display.terminal.write(`\r\u001b[2K${up}`);
  display.numDrawn = 0;
}
