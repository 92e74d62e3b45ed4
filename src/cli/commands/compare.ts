/** `exp compare A B C`: what differs between runs or groups of runs. */
import { compareRuns, type RunComparison } from "../../app/lookups/compare-runs.ts";
import { jsonNumber } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { comparisonLines } from "../comparison-text.ts";
import { exitStatus } from "../exit-status.ts";
import { lookupContext, textOption } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";

const examples = `
Each name is a column; an experiment or a filter makes a column of all its runs: mean ± sample standard deviation, and how many.

Examples:
  exp compare 031a6508 0c8edb44
  exp compare 'optimizer.kind = adamw' 'optimizer.kind = lion'
  exp compare bert-lr --by optimizer.learningRate
  exp compare 031a6508 0c8edb44 --curves train.loss,validation.f1`;

/** `exp compare`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument(
        "[runs...]",
        "runs by the digits of their keys or their folders, or experiments and filters of groups",
      )
      .option("--by <field>", "split the runs of one filter, or all, by the values of this field")
      .option("--all", "also what is the same everywhere")
      .option("--curves <metrics>", "curves of these metrics, with commas between them")
      .addHelpText("after", examples);
  },
  run: compareCommand,
};

async function compareCommand(invocation: Invocation, session: Session): Promise<number> {
  const curves = textOption(invocation, "curves")
    ?.split(",")
    .map((name) => name.trim());
  const comparison = compareRuns({
    ...lookupContext(invocation, session),
    operands: invocation.operands,
    by: textOption(invocation, "by"),
    isWhole: invocation.options["all"] === true,
    curves,
    ...(invocation.json ? { members: "keys" } : {}),
  });
  const { stdout } = session;
  if (invocation.json) stdout.write(jsonLine(documentOf(comparison)));
  else for (const line of comparisonLines(comparison, stdout)) stdout.write(`${line}\n`);
  return exitStatus.done;
}

/** JSON, but for the lists of keys, which print as lists of texts. */
function documentOf({
  groups,
  facts,
  config,
  metrics,
  curves,
}: RunComparison): Readonly<Record<string, unknown>> {
  return {
    format: "lockstep/compare/1",
    groups: groups.map(({ title, keys, foreignKeys }) => ({
      title,
      runs: keys,
      foreign: foreignKeys,
    })),
    facts: facts.map(({ name, values }) => ({ name, values })),
    config: config.map(({ name, values }) => ({ path: name, values })),
    metrics: metrics.map(({ name, groups: all }) => ({
      name,
      groups: all.map((summary) => {
        if (summary === undefined) return null;
        const { mean, standardDeviation, count } = summary;
        const spread =
          standardDeviation === undefined
            ? {}
            : { standardDeviation: jsonNumber(standardDeviation) };
        return { mean: jsonNumber(mean), count, ...spread };
      }),
    })),
    curves: curves.map(({ name, groups: all }) => ({
      name,
      groups: all.map((curve) =>
        curve === undefined ? null : { steps: curve.steps, values: curve.values.map(jsonNumber) },
      ),
    })),
  };
}
