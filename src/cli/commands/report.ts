/** `exp report RUNS --html FILE`: runs as one page that needs nothing from elsewhere. */
import { Option } from "commander";
import { readReport, type ReadReport } from "../../app/pictures/report-runs.ts";
import { shownWords } from "../../app/pictures/typed-words.ts";
import { checkTarget, writePage } from "../../app/pictures/write-report.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatBytes } from "../../core/number-text.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { lookupContext, textOption } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const notes = `
The page holds what differs, curves with mean and spread of each setting, the best run's config with the origin of each
value, its environment, and the commands that repeat it. It is one file without scripts: send it, print it, keep it.

Examples:
  exp report bert-lr --html bert-lr.html
  exp report 031a6508 0c8edb44 --html two.html --curves train.loss,validation.loss
  exp report 'experiment = pi' --html pi.html --metric error --direction min`;

/** `exp report`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument(
        "<runs...>",
        "runs by the digits of their keys or their folders, experiments or filters",
      )
      .requiredOption("--html <file>", "where the page is written")
      .option("--force", "replace a file that exp report did not write")
      .option(
        "--metric <name>",
        "ranks by this metric instead of the one that the configs select by",
      )
      .addOption(
        new Option("--direction <end>", "which end of that metric is better").choices([
          "min",
          "max",
        ]),
      )
      .addOption(
        new Option("--x <axis>", "what is below: steps, or epochs with the last value of each")
          .choices(["step", "epoch"])
          .default("step"),
      )
      .option("--curves <metrics>", "curves of these metrics, with commas between them")
      .addHelpText("after", notes);
  },
  run: reportCommand,
};

async function reportCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, json } = invocation;
  const file = textOption(invocation, "html");
  if (file === undefined) {
    throw new ExpError("usage", "exp report: say where the page goes: --html FILE.");
  }
  const { stdout, workingDirectory } = session;
  const target = { file, workingDirectory, isForced: options["force"] === true };
  checkTarget(target);
  const direction = textOption(invocation, "direction");
  const read = readReport({
    ...lookupContext(invocation, session),
    words: operands,
    axis: options["x"] === "epoch" ? "epoch" : "step",
    metric: textOption(invocation, "metric"),
    direction: direction === "min" || direction === "max" ? direction : undefined,
    curves: textOption(invocation, "curves")
      ?.split(",")
      .map((name) => name.trim()),
    command: typed(invocation, file),
    time: new Date(),
  });
  const numBytes = writePage(read.report, target);
  if (json) stdout.write(jsonLine(documentOf(read, file, numBytes)));
  else for (const line of linesOf(read, file, numBytes)) stdout.write(`${printable(line)}\n`);
  return exitStatus.done;
}

/** The command that makes the page again; a secret that a filter names is left to who types it. */
function typed(invocation: Invocation, file: string): string {
  const flags = ["metric", "direction", "curves"].flatMap((name) => {
    const value = textOption(invocation, name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const axis = invocation.options["x"] === "epoch" ? ["--x", "epoch"] : [];
  const { operands, runsDirectory } = invocation;
  const place = runsDirectory === undefined ? [] : ["--runs-dir", runsDirectory];
  return ["exp", "report", ...shownWords(operands), ...flags, ...axis, ...place, "--html", file]
    .map(shellQuote)
    .join(" ");
}

function linesOf({ report }: ReadReport, file: string, numBytes: number): readonly string[] {
  const { title, charts, best, notes: told } = report;
  const curves = charts.length === 1 ? "1 curve" : `${charts.length} curves`;
  const shown =
    best === undefined ? "" : `, ${report.runs.length === 1 ? "run" : "best run"} ${best.name}`;
  return [`${file}: ${title}, ${curves}${shown}, ${formatBytes(numBytes)}`, ...told];
}

function documentOf({ report, runs }: ReadReport, file: string, numBytes: number): JsonObject {
  const { ranking, best, settings, charts, notes: told } = report;
  return {
    format: "lockstep/report/1",
    file,
    bytes: numBytes,
    runs: runs.map(({ runKey }) => runKey),
    settings: settings.length,
    curves: charts.map(({ metric }) => metric),
    ...(ranking === undefined ? {} : { ranking: { ...ranking } }),
    ...(best === undefined ? {} : { best: best.name }),
    remarks: [...told],
  };
}
