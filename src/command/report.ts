/** What a program says, on its way into the run: lines into the log, figures into the metrics, the last lines for errors. */
import { ExpError } from "../core/errors.ts";
import type { Metrics } from "../core/run-events.ts";
import { scrub } from "../core/secrets.ts";
import type { TaskLog } from "../core/task-services.ts";
import { parseMetricRow } from "./metric-rows.ts";

/** Lines that an error of the program shows. */
const numLastLines = 10;
const maxShown = 200;

export interface ProgramReport {
  /** A line of standard output. */
  readonly stdout: (line: string) => void;
  /** A line of standard error. */
  readonly stderr: (line: string) => void;
  /**
   * A line of figures.
   * @throws {ExpError} `training` where it cannot be read and the config says that this ends the run.
   */
  readonly figures: (line: string) => void;
  /** The results so far: the last of each figure, and over them what came without a step. */
  readonly results: () => Metrics;
  /** The last step that a row named. */
  readonly lastStep: () => number;
  /** The last lines of both outputs. */
  readonly lastLines: () => readonly string[];
}

/** An empty report. */
export function createProgramReport(
  log: TaskLog,
  { prefix, onInvalid }: { readonly prefix: string | null; readonly onInvalid: "warn" | "fail" },
): ProgramReport {
  const last: string[] = [];
  const ofSteps = new Map<string, number>();
  const ofRun = new Map<string, number>();
  let lastStep = 0;
  const keep = (line: string): void => {
    last.push(short(line));
    if (last.length > numLastLines) last.shift();
  };
  const figures = (line: string): void => {
    const row = parseMetricRow(line);
    if (typeof row === "string") return refuse(line, row);
    const { step, epoch, numSteps, values } = row;
    for (const [name, value] of Object.entries(values)) {
      (step === undefined ? ofRun : ofSteps).set(name, value);
    }
    if (step === undefined) return;
    lastStep = step;
    log.metrics(step, values, { epoch });
    const loss = values["train.loss"] ?? values["loss"];
    if (numSteps === undefined) return;
    log.progress(step, numSteps, { epoch, ...(loss === undefined ? {} : { loss }) });
  };
  const refuse = (line: string, reason: string): void => {
    const text = `a line of figures cannot be read, because ${reason}: ${short(line)}`;
    if (onInvalid === "warn") return log.warning(text);
    throw new ExpError("training", `The program was stopped: ${text}`, {
      hint: 'A row looks like {"step":1,"train.loss":0.3}; metrics.onInvalid=warn goes on without it.',
    });
  };
  return {
    stdout: (line) => {
      if (prefix !== null && line.startsWith(prefix)) return figures(line.slice(prefix.length));
      keep(line);
      log(line);
    },
    stderr: (line) => {
      keep(line);
      log(`stderr: ${line}`);
    },
    figures: (line) => {
      if (line.trim() !== "") figures(line);
    },
    results: () => Object.fromEntries([...ofSteps, ...ofRun]),
    lastStep: () => lastStep,
    lastLines: () => last,
  };
}

/** Scrubbed first: what is cut in two is not known as a secret any more. */
function short(text: string): string {
  const line = scrub(text);
  return line.length <= maxShown ? line : `${line.slice(0, maxShown)}…`;
}
