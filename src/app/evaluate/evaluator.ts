/**
 * Evaluates experiments in a process of its own, one after the other. Their modules are code of whoever wrote the branch:
 * one that ends the process, hangs or fills the memory is a problem of that experiment and of no other.
 */
import type { OriginOf } from "../../diff/configs.ts";
import { describeEnd, startLink, type JobEnd, type WorkerLink } from "../../engine/worker-link.ts";
import { startWorkerProcess, type WorkerProgram } from "../../engine/worker-process.ts";
import { ownProgram } from "../backends/probe.ts";
import {
  answerIn,
  readEvaluated,
  readOrigin,
  type Evaluated,
  type EvaluationJob,
  type EvaluationProblem,
  type EvaluationSetting,
} from "./messages.ts";

export interface EvaluatorOptions {
  /** Absolute: experiments are named relative to it, and it is the working directory of their code. */
  readonly folder: string;
  /** All environment variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** An experiment may take so long; whole seconds are shown. */
  readonly timeoutMs: number;
  /** Called with a line that the code printed. */
  readonly onLine: (line: string) => void;
  /** Tests put another program in place of `exp`. */
  readonly program?: WorkerProgram;
}

/** An experiment, and where the values of its runs were set; asked for before the next one is resolved. */
export interface EvaluatedExperiment extends Evaluated {
  readonly originOf: OriginOf;
}

export interface Evaluator {
  /**
   * Resolves an experiment, or says what is wrong with it. Never rejects.
   * @param file - Relative to the folder.
   * @param overrides - Arguments such as `seed=7`.
   */
  evaluate(
    file: string,
    overrides?: readonly string[],
  ): Promise<EvaluatedExperiment | EvaluationProblem>;
  /** Ends the process. */
  end(): Promise<void>;
}

interface State {
  readonly options: EvaluatorOptions;
  process: { readonly link: WorkerLink; readonly kill: () => void } | undefined;
  /** Whether the process has resolved an experiment already, whose code may still be at work in it. */
  isUsed: boolean;
  numJobs: number;
  /** Jobs wait for each other. */
  queue: Promise<unknown>;
}

/** An evaluator; its process is started when it is first needed, and again after one that was lost. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const state: State = {
    options,
    process: undefined,
    isUsed: false,
    numJobs: 0,
    queue: Promise.resolve(),
  };
  return {
    evaluate: (file, overrides = []) => inTurn(state, () => evaluate(state, file, overrides)),
    end: () => inTurn(state, () => endProcess(state)),
  };
}

function inTurn<Result>(state: State, work: () => Promise<Result>): Promise<Result> {
  const turn = state.queue.then(work);
  state.queue = turn.catch(() => undefined);
  return turn;
}

async function evaluate(
  state: State,
  file: string,
  overrides: readonly string[],
): Promise<EvaluatedExperiment | EvaluationProblem> {
  const job = { kind: "resolve", file, overrides } as const;
  const wasUsed = state.isUsed;
  let end = await execute(state, job);
  // What an earlier experiment left behind, a timer say, may have ended the process: that is not this one's fault.
  if (end.kind === "lost" && wasUsed) end = await execute(state, job);
  if (end.kind !== "done") return { problem: lossText(end, state.options.timeoutMs) };
  const evaluated = readEvaluated(answerIn(end.result));
  if ("problem" in evaluated) return evaluated;
  const originOf: OriginOf = (run, path) =>
    inTurn(state, async () => {
      const index = evaluated.runs.findIndex((one) => one === run);
      const answer = await execute(state, { kind: "origin", run: index, path });
      return answer.kind === "done" ? readOrigin(answerIn(answer.result)) : undefined;
    });
  return { ...evaluated, originOf };
}

type End =
  JobEnd | { readonly kind: "timeout" } | { readonly kind: "refused"; readonly why: string };

async function execute(state: State, job: EvaluationJob): Promise<End> {
  const { link, kill } = (state.process ??= start(state.options));
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<End>((resolve) => {
    timer = setTimeout(() => resolve({ kind: "timeout" }), state.options.timeoutMs);
  });
  const work = link.ready.then(
    (): Promise<End> => link.execute(state.numJobs++, job),
    (error: Error): End => ({ kind: "refused", why: error.message }),
  );
  const end = await Promise.race([work, timeout]);
  clearTimeout(timer);
  state.isUsed = end.kind === "done";
  if (end.kind === "done") return end;
  kill();
  state.process = undefined;
  return end;
}

function start({ folder, environment, onLine, program }: EvaluatorOptions): {
  readonly link: WorkerLink;
  readonly kill: () => void;
} {
  let kill = (): void => undefined;
  const own: WorkerProgram = {
    module: ownProgram(),
    args: ["evaluation-worker"],
    nodeFlags: process.execArgv,
    environment,
    workingDirectory: folder,
  };
  const link = startLink({
    start: (events) => {
      const child = startWorkerProcess(program ?? own, events);
      kill = () => child.kill();
      return child;
    },
    setting: { folder } satisfies EvaluationSetting,
    onEvent: () => undefined,
    onLine,
  });
  return { link, kill };
}

function lossText(end: Exclude<End, { kind: "done" }>, timeoutMs: number): string {
  switch (end.kind) {
    case "timeout":
      return `evaluating it took longer than ${String(Math.round(timeoutMs / 1000))} s`;
    case "refused":
      return end.why;
    case "lost":
      return `the process that evaluated it ${describeEnd(end.end)}${printedText(end.lastLines)}`;
  }
}

/** What Node and `exp` say when a process ends before it is done; evaluated code may print the same. */
const telling = /^FATAL ERROR: |ended before exp was done|error that nobody waited for/u;
const maxPrinted = 200;

/** What the process printed is no cause, only a clue, and is shown as what it is: one line of it, as JSON. */
function printedText(lastLines: readonly string[]): string {
  const lines = lastLines.map((line) => line.trim()).filter((line) => line !== "");
  const line = lines.findLast((one) => telling.test(one)) ?? lines.at(-1);
  if (line === undefined) return "";
  const shown = line.length <= maxPrinted ? line : `${line.slice(0, maxPrinted)}…`;
  return `; it printed ${JSON.stringify(shown)}`;
}

async function endProcess(state: State): Promise<void> {
  const { process: running } = state;
  state.process = undefined;
  await running?.link.end();
}
