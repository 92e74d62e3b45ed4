/** `exp runs [FILTER]`: the runs that a filter takes. */
import { listRuns, type ListedRuns } from "../../app/lookups/list-runs.ts";
import { runDocument } from "../../app/lookups/run-document.ts";
import { ExpError } from "../../core/errors.ts";
import { formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { countOf, countOption, lookupContext, textOption } from "../lookup-context.ts";
import { columnText, formatTime, statusStyle } from "../lookup-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable, type Column } from "../table.ts";
import { printable } from "../terminal.ts";

const usualLimit = 20;

/** The filter language in a few lines, for the help of each command that takes one. */
export const filterHelp = `
A filter compares paths of the config, metrics, and facts of the run:
  optimizer.learningRate < 1e-3 and validation.accuracy > 90%
  experiment ~ bert* or model.kind in (bert, gpt)      ~ is text with * and ?, without case
  tags contains wide and not git.dirty                 status = failed, host, steps, notes, …
  started > 2d ago and duration < 10m                  also 2026-11-21, today, yesterday
  min(train.loss) < 0.1                                final, best, last, min or max of a metric
  training.maxGradNorm = null                          also where a run has no such path
config.x, metrics.x and run.x say which is meant where a name has several meanings.`;

const examples = `
Examples:
  exp runs
  exp runs 'optimizer.learningRate < 1e-3 and validation.accuracy > 0.9' --sort=-validation.accuracy
  exp runs 'status != finished' --columns=status,reason,host,started
  exp runs 'groupHash = 8899beec118be256' --all --json`;

/** `exp runs`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("[filter]", "which runs, such as 'validation.accuracy > 0.9'; default: all")
      .option("--sort <fields>", "order, such as -validation.accuracy,seed; default: newest first")
      .option(
        "--limit <number>",
        `most runs to show; default: ${usualLimit}`,
        countOption("--limit"),
      )
      .option("--all", "show every run")
      .option("--columns <fields>", "what to show of each run, such as seed,validation.loss")
      .addHelpText("after", `${filterHelp}\n${examples}`);
  },
  run: runsCommand,
};

async function runsCommand(invocation: Invocation, session: Session): Promise<number> {
  const [filter] = invocation.operands;
  const isAll = invocation.options["all"] === true;
  if (isAll && countOf(invocation, "limit") !== undefined) {
    throw new ExpError("usage", "exp: --all and --limit contradict each other.");
  }
  const listed = listRuns({
    ...lookupContext(invocation, session),
    filter,
    sort: textOption(invocation, "sort"),
    columns: textOption(invocation, "columns"),
    limit: isAll ? undefined : (countOf(invocation, "limit") ?? usualLimit),
  });
  if (invocation.json) {
    session.stdout.write(jsonLine(documentOf(listed, session)));
  } else {
    for (const line of tableLines(listed, session)) session.stdout.write(`${line}\n`);
  }
  for (const line of countLines(listed, session)) session.stderr.write(`${line}\n`);
  return exitStatus.done;
}

function documentOf(listed: ListedRuns, { workingDirectory }: Session) {
  const { store, runs, numMatching, numRuns, numDamaged } = listed;
  return {
    format: "lockstep/runs/1",
    matching: numMatching,
    total: numRuns,
    damaged: numDamaged,
    runs: runs.map((run) =>
      runDocument(run, relativePath(`${store}/${run.directory}`, workingDirectory)),
    ),
  };
}

function tableLines({ runs, columns }: ListedRuns, { stdout }: Session): readonly string[] {
  if (runs.length === 0) return [];
  const asked = new Set(columns.map(({ title }) => title)); // once, and where it was asked for
  const hasExperiment = !asked.has("experiment");
  const hasStatus = !asked.has("status") && runs.some(({ status }) => status !== "finished");
  const hasTime = !asked.has("started");
  const titles: Column[] = [
    { title: "run" },
    ...(hasExperiment ? [{ title: "experiment" }] : []),
    ...(hasStatus ? [{ title: "status" }] : []),
    ...columns.map(({ title }): Column => ({ title: printable(title), align: "right" })),
    ...(hasTime ? [{ title: "started" }] : []),
  ];
  const rows = runs.map((run) => [
    run.name,
    ...(hasExperiment ? [printable(String(run.facts["experiment"] ?? ""))] : []),
    ...(hasStatus ? [stdout.style(statusStyle(run.status), run.status)] : []),
    ...columns.map((column) => columnText(column.holds, column.value(run))),
    ...(hasTime ? [startText(run)] : []),
  ]);
  const [header = "", ...lines] = formatTable(titles, rows);
  return [stdout.style("bold", header), ...lines];
}

function startText({ facts }: ListedRuns["runs"][number]): string {
  return typeof facts["started"] === "number" ? formatTime(facts["started"]) : "";
}

/** How many there are is always told: a list that was cut must not look like a whole one. */
function countLines(listed: ListedRuns, { workingDirectory }: Session): readonly string[] {
  const { runs, numMatching, numRuns, numDamaged, store } = listed;
  if (numRuns === 0 && numDamaged === 0) {
    return [`No runs in ${relativePath(store, workingDirectory)} yet.`];
  }
  const shown = runs.length === numMatching ? "" : `${formatCount(runs.length)} shown: `;
  const ofAll = numMatching === numRuns ? "" : `${formatCount(numMatching)} of `;
  const match = ofAll === "" ? "" : numMatching === 1 ? " matches" : " match";
  const count = `${shown}${ofAll}${formatCount(numRuns)} ${numRuns === 1 ? "run" : "runs"}${match}.`;
  const advice = shown === "" ? "" : " --all shows every one.";
  const damaged =
    numDamaged === 0 ? [] : [`${numDamaged} cannot be read: exp index check names them.`];
  return [`${count}${advice}`, ...damaged];
}
