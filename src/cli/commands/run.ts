/** `exp FILE [overrides…]`: plans, executes what is not finished yet, and prints the ranked table. */
import { executePlan } from "../../app/execute-plan.ts";
import type { ExecutionEvent, RunOutcome } from "../../app/outcome.ts";
import { planExperiment, type PreparedPlan } from "../../app/plan-experiment.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { formatError } from "../../core/errors.ts";
import { Option } from "commander";
import type { Command, Invocation } from "../command.ts";
import { exitStatus, statusOfError } from "../exit-status.ts";
import { executionDocument, relativePath } from "../json-output.ts";
import { planRequest } from "../plan-request.ts";
import { createProgressDisplay } from "../progress.ts";
import { describeRun } from "../run-text.ts";
import type { Session } from "../session.ts";
import { watchSignals } from "../signals.ts";
import { summaryLines } from "../summary-text.ts";
import { printable, type Terminal } from "../terminal.ts";

/** `exp FILE`, `exp run FILE`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<file>", "experiment module, such as experiments/bert-lr.ts")
      .argument("[overrides...]", "values to set, such as optimizer.learningRate=3e-4")
      .option("-m, --multirun", "accepted for users of Hydra: several values make a sweep anyway")
      .addOption(
        new Option("--on-error <policy>", "whether a failed run stops the ones after it")
          .choices(["stop", "continue"])
          .default("continue"),
      );
  },
  run: runCommand,
};

async function runCommand(invocation: Invocation, session: Session): Promise<number> {
  const { stderr, stdout, workingDirectory } = session;
  const { json } = invocation;
  const prepared = await planExperiment(planRequest(invocation, session));
  const results = json ? stderr : stdout;
  describePlan(prepared, stderr);
  const onError = invocation.options["onError"] === "stop" ? "stop" : "continue";
  const outcomes = await execute(prepared, onError, session);
  const displayPath = (directory: string): string => relativePath(directory, workingDirectory);
  for (const text of ["", ...failureLines(outcomes, displayPath)]) stderr.write(`${text}\n`);
  const table = summaryLines(outcomes, { terminal: results, displayPath });
  for (const text of table) results.write(`${text}\n`);
  if (json) {
    const document = executionDocument(prepared.plan, outcomes, workingDirectory);
    stdout.write(`${canonicalJson(document)}\n`);
  }
  return statusOf(outcomes, stderr);
}

async function execute(
  prepared: PreparedPlan,
  onError: "stop" | "continue",
  session: Session,
): Promise<readonly RunOutcome[]> {
  const terminal = session.stderr;
  const displayPath = (directory: string): string =>
    relativePath(directory, session.workingDirectory);
  const display = createProgressDisplay({ terminal, now: session.now, displayPath });
  const watch = watchSignals((text) => {
    display.close();
    terminal.write(`${text}\n`);
  });
  try {
    const observe = (event: ExecutionEvent): void => display.show(event);
    return await executePlan(prepared, { onError, signal: watch.signal, observe });
  } finally {
    watch.close();
    display.close();
  }
}

function describePlan(prepared: PreparedPlan, terminal: Terminal): void {
  const { plan } = prepared;
  const count = plan.runs.length === 1 ? "1 run" : `${plan.runs.length} runs`;
  const [first] = plan.runs;
  const backend = first === undefined ? "" : ` on ${first.backend}`;
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

function statusOf(outcomes: readonly RunOutcome[], terminal: Terminal): number {
  if (outcomes.some((outcome) => outcome.status === "paused")) {
    terminal.write(
      "Stopped. The same command goes on: finished runs are kept, the stopped one goes on from its checkpoint if its task asks for it, else from step 0.\n",
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
