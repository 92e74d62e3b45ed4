/** `exp plot RUNS METRIC`: curves of runs, drawn in the terminal. */
import { Option } from "commander";
import { plotRuns } from "../../app/pictures/plot-runs.ts";
import { plotDocument, showPlot, smallestPlot } from "../../app/pictures/show-plot.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { countOf, countOption, lookupContext, textOption } from "../lookup-context.ts";
import { curvePaint, plotLines, withoutLines } from "../plot-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";

const notes = `
Runs are named by 8 or more digits of their keys, by their folders, by their experiment or a filter, which stand for all
their runs. Runs that are being executed are drawn as far as they are. The metric stands last; several have commas between
them.
A letter stands on each curve, so that they can be told apart without colours.

Examples:
  exp plot 031a6508 train.loss,validation.loss
  exp plot bert-lr train.loss --log
  exp plot 'experiment = bert-lr' validation.accuracy --by group     means over the seeds of each setting
  exp plot 'experiment = bert-lr' train.loss --by optimizer.learningRate --x epoch`;

/** `exp plot`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<runs...>", "runs and filters, and last the metric")
      .option("--log", "a logarithmic scale; values of zero and below are left out")
      .addOption(
        new Option("--x <axis>", "what is below: steps, or epochs with the last value of each")
          .choices(["step", "epoch"])
          .default("step"),
      )
      .option("--by <field>", "means over the runs of each value of a field, or of each group")
      .option("--width <columns>", "characters across", countOption("--width"))
      .option("--height <rows>", "rows of the curves; default: 16", countOption("--height"))
      .addHelpText("after", notes);
  },
  run: plotCommand,
};

const [maxColumns, maxRows, usualRows] = [1000, 500, 16];
/** Where nobody says how wide: more is hard to read. */
const usualColumns = 120;

async function plotCommand(invocation: Invocation, session: Session): Promise<number> {
  const { options, operands, json } = invocation;
  const { stdout, stderr } = session;
  const columns = sizeOf(invocation, "width", [smallestPlot.columns, maxColumns]);
  const numRows = sizeOf(invocation, "height", [smallestPlot.numRows, maxRows]);
  const found = plotRuns({
    ...lookupContext(invocation, session),
    words: operands,
    axis: options["x"] === "epoch" ? "epoch" : "step",
    by: textOption(invocation, "by"),
  });
  for (const line of withoutLines(found)) stderr.write(`${line}\n`);
  if (json) {
    stdout.write(jsonLine(plotDocument(found)));
    return exitStatus.done;
  }
  const shown = showPlot(found, {
    isLog: options["log"] === true,
    columns: columns ?? Math.min(stdout.columns(), usualColumns),
    numRows: numRows ?? usualRows,
    paint: curvePaint(stdout),
  });
  for (const line of plotLines(found, shown, stdout)) stdout.write(`${line}\n`);
  return exitStatus.done;
}

function sizeOf(
  invocation: Invocation,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const size = countOf(invocation, name);
  if (size === undefined || (size >= least && size <= most)) return size;
  throw new ExpError("usage", `exp plot: --${name} takes ${least} to ${most}, found ${size}.`);
}
