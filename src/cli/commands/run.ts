/**
 * `exp FILE [overrides…]`: plans, executes what is not finished yet, and prints the ranked table. `exp run plan.json`
 * executes a saved plan, exactly as it was saved.
 */
import { needOwnProcess } from "../../app/backends/run-variables.ts";
import { executeFrozenPlan } from "../../app/execute-frozen.ts";
import { executePlan, type ExecutionOptions } from "../../app/execute-plan.ts";
import type { ExecutionEvent, RunOutcome } from "../../app/outcome.ts";
import { freezePlan, type FrozenPlan } from "../../app/frozen-plan.ts";
import { loadPlan } from "../../app/load-plan.ts";
import { planExperiment, type PreparedPlan } from "../../app/plan-experiment.ts";
import { recordReuse, reuseByConfig } from "../../app/reuse.ts";
import { ExpError, formatError } from "../../core/errors.ts";
import type { Plan } from "../../app/outcome.ts";
import { Option } from "commander";
import type { Command, Invocation } from "../command.ts";
import { exitStatus, statusOfError } from "../exit-status.ts";
import { executionDocument, relativePath } from "../json-output.ts";
import { onlyOption, planRequest, reuseOption } from "../plan-request.ts";
import { createProgressDisplay } from "../progress.ts";
import { describeRun } from "../run-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { createRunsAtWork } from "../runs-at-work.ts";
import { watchSignals } from "../signals.ts";
import { summaryLines } from "../summary-text.ts";
import { printable, type Terminal } from "../terminal.ts";
import { threadsText } from "../threads-text.ts";

/** `exp FILE`, `exp run FILE`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<file>", "experiment module, such as experiments/bert-lr.ts, or a saved plan.json")
      .argument("[overrides...]", "values to set, such as optimizer.learningRate=3e-4")
      .addOption(
        new Option(
          "-j, --jobs <number>",
          "how many runs at once, each in a process of its own; results do not depend on it",
        ).argParser(numJobs),
      )
      .addOption(
        new Option(
          "--threads <number>",
          "threads that compute a run (threads=<number>); results do not depend on it",
        ).argParser(numThreads),
      )
      .addOption(onlyOption())
      .addOption(reuseOption())
      .option("--force", "execute finished runs once more, and compare them with what is published")
      .option("-m, --multirun", "accepted for users of Hydra: several values make a sweep anyway")
      .addOption(
        new Option("--on-error <policy>", "whether a failed run stops the ones after it")
          .choices(["stop", "continue"])
          .default("continue"),
      );
  },
  run: runCommand,
};

/** What is known of a run of the command before anything is executed. */
interface Prepared {
  readonly plan: Plan;
  readonly notes: readonly string[];
  execute(options: ExecutionOptions): Promise<readonly RunOutcome[]>;
}

async function runCommand(invocation: Invocation, session: Session): Promise<number> {
  const { json, options } = invocation;
  const onError = options["onError"] === "stop" ? "stop" : "continue";
  const flags = { json, onError, isRepeat: options["force"] === true } as const;
  return executeAndTell(await prepare(invocation, session), flags, session);
}

/** How a plan is executed, and how it is told. */
interface Flags extends Required<Pick<ExecutionOptions, "onError" | "isRepeat">> {
  readonly json: boolean;
}

/** Executes a plan, prints what became of it, and gives the exit status. */
export async function executeAndTell(
  prepared: Prepared,
  { json, ...options }: Flags,
  session: Session,
): Promise<number> {
  const { stderr, stdout, workingDirectory } = session;
  const results = json ? stderr : stdout;
  describePlan(prepared, stderr);
  const { outcomes, isInterrupted } = await execute(prepared, options, session);
  const displayPath = (directory: string): string => relativePath(directory, workingDirectory);
  for (const text of ["", ...failureLines(outcomes, displayPath)]) stderr.write(`${text}\n`);
  const table = summaryLines(outcomes, { terminal: results, displayPath });
  for (const text of table) results.write(`${text}\n`);
  if (json) {
    const document = executionDocument(prepared.plan, outcomes, workingDirectory);
    stdout.write(jsonLine(document));
  }
  return statusOf(outcomes, isInterrupted, stderr);
}

/** A plan from a file, or one made now; workers execute it where `--jobs` asks for them, and always what was saved. */
async function prepare(invocation: Invocation, session: Session): Promise<Prepared> {
  const { jobs, threads } = invocation.options;
  const planned = planRequest(invocation, session);
  const own = typeof threads === "number" ? [`threads=${threads}`] : [];
  const request = { ...planned, overrides: [...planned.overrides, ...own] };
  if (request.file.endsWith(".json")) {
    const { only } = request;
    refuseOverrides([...request.overrides, ...(only === undefined ? [] : [`--only ${only}`])]);
    const frozen = await reusing(loadPlan(request), invocation);
    return inWorkers(frozen, typeof jobs === "number" ? jobs : 1, session);
  }
  const prepared = await planExperiment(request);
  const { plan } = prepared;
  if (typeof jobs === "number" || needOwnProcess(plan.runs)) {
    const frozen = await reusing(await freezePlan(prepared), invocation);
    return inWorkers(frozen, typeof jobs === "number" ? jobs : 1, session);
  }
  const reused = await reusing(prepared, invocation);
  return { plan, notes: reused.notes, execute: (options) => executePlan(reused, options) };
}

/** With `--reuse config`, the plan with the finished runs that it takes over, which is written down beside them. */
async function reusing<Planned extends PreparedPlan | FrozenPlan>(
  planned: Planned,
  { options }: Invocation,
): Promise<Planned> {
  if (options["reuse"] !== "config") return planned;
  if (options["force"] === true) {
    throw new ExpError("usage", "exp: --force executes runs, and --reuse config spares them.", {
      hint: "Leave one of them out.",
    });
  }
  const reused = await reuseByConfig(planned);
  recordReuse(reused);
  return reused;
}

/** A frozen plan, to be executed by so many workers. */
export function inWorkers(frozen: FrozenPlan, numWorkers: number, session: Session): Prepared {
  const { environment } = session.planContext;
  const { plan, notes } = frozen;
  const execute = (options: ExecutionOptions): Promise<readonly RunOutcome[]> =>
    executeFrozenPlan(frozen, { ...options, numWorkers, environment });
  return { plan, notes, execute };
}

function refuseOverrides(overrides: readonly string[]): void {
  if (overrides.length === 0) return;
  const message = `A saved plan is run as it is; ${overrides.join(" ")} cannot change it.`;
  throw new ExpError("usage", message, {
    hint: "Plan the experiment with these values: exp plan FILE … --save plan.json.",
  });
}

function numJobs(text: string): number {
  return wholeNumber(text, {
    flag: "--jobs",
    max: 1_000,
    hint: "Without --jobs, runs follow one after the other.",
  });
}

function numThreads(text: string): number {
  return wholeNumber(text, {
    flag: "--threads",
    max: 1_024,
    hint: "Without --threads, a run takes all cores that the process may use.",
  });
}

function wholeNumber(
  text: string,
  { flag, max, hint }: { readonly flag: string; readonly max: number; readonly hint: string },
): number {
  const number = Number(text);
  if (/^[0-9]+$/u.test(text) && number >= 1 && number <= max) return number;
  const message = `exp: ${flag} is a whole number from 1 to ${max}, found ${JSON.stringify(text)}.`;
  throw new ExpError("usage", message, { hint });
}

async function execute(
  prepared: Prepared,
  options: Pick<ExecutionOptions, "onError" | "isRepeat">,
  session: Session,
): Promise<{ outcomes: readonly RunOutcome[]; isInterrupted: boolean }> {
  const terminal = session.stderr;
  const displayPath = (directory: string): string =>
    relativePath(directory, session.workingDirectory);
  const display = createProgressDisplay({ terminal, now: session.now, displayPath });
  const runs = createRunsAtWork();
  const watch = watchSignals(
    (text) => {
      display.close();
      terminal.write(`${text}\n`);
    },
    () => runs.stopText(),
  );
  try {
    const observe = (event: ExecutionEvent): void => {
      runs.note(event);
      display.show(event);
    };
    const outcomes = await prepared.execute({ ...options, signal: watch.signal, observe });
    return { outcomes, isInterrupted: watch.signal.aborted };
  } finally {
    watch.close();
    display.close();
  }
}

function describePlan(prepared: Prepared, terminal: Terminal): void {
  const { plan } = prepared;
  const count = plan.runs.length === 1 ? "1 run" : `${plan.runs.length} runs`;
  const [first] = plan.runs;
  const backend = first === undefined ? "" : ` on ${first.backend}${threadsText(plan.runs)}`;
  terminal.write(`${terminal.style("bold", printable(plan.experiment))}: ${count}${backend}\n`);
  for (const note of prepared.notes) terminal.write(`note: ${printable(note)}\n`);
}

function failureLines(
  outcomes: readonly RunOutcome[],
  displayPath: (directory: string) => string,
): readonly string[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.status !== "failed" || outcome.error === undefined) return [];
    const place = outcome.hasDirectory ? `; see ${printable(displayPath(outcome.directory))}` : "";
    const head = `${describeRun(outcome.run)} failed${place}`;
    const message = formatError(outcome.error).split("\n");
    return [head, ...message.map((text) => `  ${printable(text)}`)];
  });
}

function statusOf(
  outcomes: readonly RunOutcome[],
  isInterrupted: boolean,
  terminal: Terminal,
): number {
  const isLeft = isInterrupted && outcomes.some(({ status }) => status === "planned");
  if (isLeft || outcomes.some(({ status }) => status === "paused")) {
    terminal.write(
      "Stopped. The same command goes on: finished runs are kept, the stopped one goes on from its checkpoint (a task of your own: if it asks for it, else from the beginning).\n",
    );
    return exitStatus.stopped;
  }
  const failed = outcomes.filter(({ status }) => status === "failed" || status === "running");
  if (failed.length === 0) return exitStatus.done;
  const isWrongInput = failed.every(
    ({ error }) => error !== undefined && statusOfError(error.code) === exitStatus.wrongInput,
  );
  return isWrongInput ? exitStatus.wrongInput : exitStatus.failed;
}
