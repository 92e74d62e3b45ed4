/** `exp find 94.2%`: which run had this number. */
import { findRuns, type FoundValue, type FoundValues } from "../../app/lookups/find-runs.ts";
import { differingPaths } from "../../app/lookups/list-runs.ts";
import { runDocument } from "../../app/lookups/run-document.ts";
import { formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { countOf, countOption, lookupContext, textOption } from "../lookup-context.ts";
import { columnText } from "../lookup-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable, type Column } from "../table.ts";
import { printable } from "../terminal.ts";

const examples = `
A value matches when it rounds to the number as it is written: 94.2% is 0.942 and 94.2, 0.942 is itself alone.
Results come first, then the values where a run was best, then the last ones; only where none of these matches,
or with --steps, every step that was logged.

Examples:
  exp find 94.2%
  exp find 0.135 'experiment = bert-lr' --metric validation.loss
  exp find 94.2% --steps`;

const usualLimit = 20;

/** `exp find`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<number>", "a number as it was read somewhere: 94.2%, 0.942, 1.3e-4")
      .argument("[filter]", "in which runs, as for exp runs; default: all")
      .option("--metric <name>", "of this metric only")
      .option("--steps", "look at every step that was logged")
      .option(
        "--limit <number>",
        `most values to show; default: ${usualLimit}`,
        countOption("--limit"),
      )
      .addHelpText("after", examples);
  },
  run: findCommand,
};

async function findCommand(invocation: Invocation, session: Session): Promise<number> {
  const [text = "", filter] = invocation.operands;
  const { options } = invocation;
  const found = findRuns({
    ...lookupContext(invocation, session),
    text,
    filter,
    metric: textOption(invocation, "metric"),
    limit: countOf(invocation, "limit") ?? usualLimit,
    everyStep: options["steps"] === true,
  });
  const { stdout, stderr } = session;
  if (invocation.json) {
    stdout.write(jsonLine(documentOf(found, session)));
  } else {
    for (const line of matchLines(found.matches, session)) stdout.write(`${line}\n`);
  }
  stderr.write(`${summary(found, text)}\n`);
  return found.matches.length === 0 ? exitStatus.failed : exitStatus.done;
}

function documentOf(
  { store, matches, numFound, isMore }: FoundValues,
  { workingDirectory }: Session,
) {
  return {
    format: "lockstep/find/1",
    found: numFound,
    isMore,
    matches: matches.map(({ found, metric, place, step, value }) => ({
      metric,
      place,
      ...(step === undefined ? {} : { step }),
      value,
      run: runDocument(found, relativePath(`${store}/${found.directory}`, workingDirectory)),
    })),
  };
}

const maxColumns = 3;

function matchLines(matches: readonly FoundValue[], { stdout }: Session): readonly string[] {
  if (matches.length === 0) return [];
  const paths = differingPaths(matches.map(({ found }) => found)).slice(0, maxColumns);
  const columns: Column[] = [
    { title: "run" },
    { title: "metric" },
    { title: "at" },
    { title: "value", align: "right" },
    { title: "experiment" },
    ...paths.map((title): Column => ({ title: printable(title), align: "right" })),
    { title: "commit" },
  ];
  const rows = matches.map(({ run, metric, place, step, value, found }) => [
    run,
    printable(metric),
    place === "step" ? `step ${step ?? ""}` : place,
    String(value),
    `${printable(String(found.facts["experiment"] ?? ""))}${found.status === "foreign" ? " (foreign)" : ""}`,
    ...paths.map((path) => columnText("other", found.config.get(path))),
    commitText(found.facts),
  ]);
  const [header = "", ...lines] = formatTable(columns, rows);
  return [stdout.style("bold", header), ...lines];
}

function commitText(facts: FoundValue["found"]["facts"]): string {
  const commit = facts["git.commit"];
  if (commit === undefined) return "";
  return `${printable(String(commit)).slice(0, 12)}${facts["git.dirty"] === true ? " + changes" : ""}`;
}

function summary({ matches, numFound, isMore }: FoundValues, text: string): string {
  const [first] = matches;
  const number = printable(text);
  if (first === undefined) return `No value of any run rounds to ${number}.`;
  const isStep = first.place === "step";
  const all = isMore && isStep ? `more than ${formatCount(matches.length)}` : formatCount(numFound);
  const shown = isMore ? `${formatCount(matches.length)} of ${all}` : all;
  const where = {
    final: "in results",
    best: "where a run was best",
    last: "at a last step",
    step: "at steps",
  };
  const more = isMore ? " --limit shows more." : "";
  const values = numFound === 1 ? "value rounds" : "values round";
  return `${shown} ${values} to ${number}, ${where[first.place]}.${more} exp show ${first.run} shows all of a run.`;
}
