/** `exp best [FILTER]`: the best run, and the next ones. */
import { Option } from "commander";
import { bestRuns, type BestRuns, type Ranking } from "../../app/lookups/best-runs.ts";
import { differingPaths, type FoundRun } from "../../app/lookups/list-runs.ts";
import { runDocument } from "../../app/lookups/run-document.ts";
import { formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { countOf, countOption, lookupContext, textOption } from "../lookup-context.ts";
import { columnText } from "../lookup-text.ts";
import { formatMetric } from "../run-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable, type Column } from "../table.ts";
import { printable } from "../terminal.ts";

const examples = `
Runs are ranked by the metric that their config selects by (selection.metric), measured on the validation part.
Test is measured once and ranks nothing, unless it is asked for by name.

Examples:
  exp best
  exp best 'model.kind = bert and started > 7d ago' --limit 3
  exp best --metric validation.loss --direction min`;

const usualLimit = 5;

/** `exp best`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("[filter]", "which runs, as for exp runs; default: all that are finished")
      .option("--metric <name>", "rank by this metric instead")
      .addOption(
        new Option("--direction <end>", "which end of that metric is better").choices([
          "min",
          "max",
        ]),
      )
      .option(
        "--limit <number>",
        `most runs to show; default: ${usualLimit}`,
        countOption("--limit"),
      )
      .addHelpText("after", examples);
  },
  run: bestCommand,
};

async function bestCommand(invocation: Invocation, session: Session): Promise<number> {
  const [filter] = invocation.operands;
  const direction = textOption(invocation, "direction");
  const best = bestRuns({
    ...lookupContext(invocation, session),
    filter,
    metric: textOption(invocation, "metric"),
    direction: direction === "min" || direction === "max" ? direction : undefined,
    limit: countOf(invocation, "limit") ?? usualLimit,
  });
  const { stdout, stderr } = session;
  if (invocation.json) {
    stdout.write(jsonLine(documentOf(best, session)));
  } else {
    const parts = best.rankings.map((ranking) => rankingLines(ranking, session).join("\n"));
    if (parts.length > 0) stdout.write(`${parts.join("\n\n")}\n`);
  }
  if (best.rankings.length === 0)
    stderr.write("No finished run matches that says how it selects.\n");
  for (const { metric, numDataSets } of best.rankings) {
    if (numDataSets < 2) continue;
    stderr.write(
      `note: ${printable(metric)} was measured on ${numDataSets} data sets; a filter on dataHash keeps one.\n`,
    );
  }
  return exitStatus.done;
}

function documentOf({ store, rankings }: BestRuns, { workingDirectory }: Session) {
  return {
    format: "lockstep/best/1",
    rankings: rankings.map(({ metric, direction, numRuns, numDataSets, runs }) => ({
      metric,
      direction,
      numRuns,
      numDataSets,
      runs: runs.map((run) =>
        runDocument(run, relativePath(`${store}/${run.directory}`, workingDirectory)),
      ),
    })),
  };
}

const maxColumns = 5;

function rankingLines(ranking: Ranking, { stdout }: Session): readonly string[] {
  const { metric, direction, runs, numRuns } = ranking;
  const test = metric.replace(/^validation\./u, "test.");
  const metrics = [
    metric,
    ...(test !== metric && runs.some((run) => run.metrics.has(test)) ? [test] : []),
  ];
  const paths = differingPaths(runs).slice(0, maxColumns);
  const right = (title: string): Column => ({ title: printable(title), align: "right" });
  const columns = [
    right("rank"),
    ...metrics.map(right),
    ...paths.map(right),
    { title: "experiment" },
    { title: "run" },
  ];
  const rows = runs.map((run, index) => [
    String(index + 1),
    ...metrics.map((name) => metricText(run, name)),
    ...paths.map((path) => columnText("other", run.config.get(path))),
    printable(String(run.facts["experiment"] ?? "")),
    run.name,
  ]);
  const [header = "", first = "", ...others] = formatTable(columns, rows);
  const count = `${formatCount(numRuns)} finished run${numRuns === 1 ? "" : "s"}`;
  return [
    stdout.style("bold", header),
    stdout.style("green", first),
    ...others,
    `Ranked by ${printable(metric)} (${direction}), ${count}.`,
  ];
}

function metricText({ metrics }: FoundRun, name: string): string {
  const numbers = metrics.get(name);
  const value = numbers?.final ?? numbers?.last;
  return value === undefined ? "" : formatMetric(value);
}
