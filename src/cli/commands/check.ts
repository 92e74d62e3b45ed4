/** `exp check FILE [overrides…]`: everything that can be known before a run, without running. */
import { runInOwnProcess } from "../../app/backends/own-process.ts";
import { planExperiment, type PreparedPlan } from "../../app/plan-experiment.ts";
import { checkRuns, type PreflightSummary } from "../../app/preflight.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatBytes } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { planRequest } from "../plan-request.ts";
import { describeRun } from "../run-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

/** `exp check`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<file>", "experiment module, such as experiments/bert-lr.ts")
      .argument("[overrides...]", "values to set, such as optimizer.learningRate=3e-4");
  },
  run: checkCommand,
};

async function checkCommand(invocation: Invocation, session: Session): Promise<number> {
  const prepared = await planExperiment(planRequest(invocation, session));
  const { environment } = session.planContext;
  const status = await runInOwnProcess(prepared.plan.runs, environment);
  if (status !== undefined) return status;
  const summary = await checkRuns(prepared, prepared.plan.runs);
  if (invocation.json) {
    session.stdout.write(jsonLine(checkDocument(prepared, summary)));
    return exitStatus.done;
  }
  for (const text of checkLines(prepared, summary)) session.stdout.write(`${text}\n`);
  return exitStatus.done;
}

function checkLines({ plan, notes }: PreparedPlan, summary: PreflightSummary): readonly string[] {
  const { length } = summary.runs;
  const head = `${printable(plan.experiment)}: ${length === 1 ? "1 run" : `${length} runs`} checked, nothing wrong`;
  return [
    head,
    ...notes.map((note) => `note: ${printable(note)}`),
    ...findingLines(summary),
    ...needLines(summary),
    ...summary.warnings.map((text) => `warning: ${printable(text)}`),
  ];
}

/** What is equal for every run is said once; else each different text with the first run that has it. */
function findingLines({ runs }: PreflightSummary): readonly string[] {
  const topics = [
    ...new Set(runs.flatMap(({ report }) => report.findings.map(({ topic }) => topic))),
  ];
  return topics.flatMap((topic) => {
    const texts = new Map<string, string>();
    for (const { run, report } of runs) {
      const text = report.findings.find((finding) => finding.topic === topic)?.text;
      if (text !== undefined && !texts.has(text)) texts.set(text, describeRun(run));
    }
    const shown = [...texts].slice(0, maxShown);
    const rest = texts.size - shown.length;
    return [
      ...shown.map(([text, run]) => line(topic, texts.size === 1 ? text : `${text}  (${run})`)),
      ...(rest > 0 ? [line(topic, `and ${rest} more`)] : []),
    ];
  });
}

const maxShown = 5;

function line(topic: string, text: string): string {
  return `${printable(topic).padEnd(12)}  ${printable(text)}`;
}

function needLines(summary: PreflightSummary): readonly string[] {
  const { runs, numMemoryBytes, numProcessBytes, numDiskBytes, numFreeDiskBytes } = summary;
  if (numDiskBytes === 0 && numMemoryBytes === 0) return [];
  const own = `${formatBytes(numProcessBytes)} of it for Node.js and the kernels`;
  const jobs = runs.length === 1 ? "" : "; --jobs N needs N times as much";
  const memory = `about ${formatBytes(numMemoryBytes)} a run, ${own}; ${formatBytes(summary.numMemoryLimitBytes)} are there${jobs}`;
  const all = runs.length === 1 ? "" : " in all";
  const free = numFreeDiskBytes === undefined ? "" : `; ${formatBytes(numFreeDiskBytes)} are free`;
  const memoryLines = numMemoryBytes === 0 ? [] : [line("memory", memory)];
  return [...memoryLines, line("disk", `about ${formatBytes(numDiskBytes)}${all}${free}`)];
}

function checkDocument({ plan }: PreparedPlan, summary: PreflightSummary): JsonObject {
  const { numMemoryBytes, numProcessBytes, numDiskBytes, numFreeDiskBytes, numMemoryLimitBytes } =
    summary;
  return {
    experiment: plan.experiment,
    runs: summary.runs.map(({ run, report }) => ({
      runKey: run.runKey,
      axes: run.axisValues,
      findings: report.findings.map(({ topic, text }) => ({ topic, text })),
      ...(report.numMemoryBytes === undefined ? {} : { numMemoryBytes: report.numMemoryBytes }),
      ...(report.numDiskBytes === undefined ? {} : { numDiskBytes: report.numDiskBytes }),
    })),
    numMemoryBytes,
    numProcessBytes,
    numDiskBytes,
    numMemoryLimitBytes,
    ...(numFreeDiskBytes === undefined ? {} : { numFreeDiskBytes }),
    warnings: [...summary.warnings],
  };
}
