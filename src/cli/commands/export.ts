/** `exp export RUNS --to TOOL`: runs where other tools look. */
import { Option } from "commander";
import {
  exportKinds,
  exportRuns,
  type ExportedRun,
  type Exported,
} from "../../app/export/export-runs.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { errorObject, relativePath } from "../json-output.ts";
import { lookupContext, textOption, waitTeller } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
Exporting again sends only what is missing. csv and parquet write tables: runs (one row a run) and curves (one row a
figure), of all runs where none is named.

Examples:
  exp export --to csv --out exported
  exp export 'experiment = bert-lr' --to parquet --out exported
  exp export 031a6508 9c1e77a0 --to tensorboard --out boards
  exp export 031a6508 --to hf --out models
  exp export 031a6508 --to mlflow --url http://127.0.0.1:5000`;

/** `exp export`. */
export const command: Command = {
  describe(parser) {
    const tool = new Option("--to <tool>", "where they go");
    parser
      .argument("[run...]", "8 or more digits of a key, a run's folder, or a filter")
      .addOption(tool.choices(exportKinds).argParser((text) => text))
      .option("--out <folder>", "where files are written")
      .option("--url <address>", "of the MLflow server; else MLFLOW_TRACKING_URI")
      .option(
        "--experiment <name>",
        "of MLflow, project of W&B and Trackio; else the tool's variable, or the experiment's own",
      )
      .option("--checkpoints", "to MLflow: the weights too")
      .addHelpText("after", examples);
  },
  run: exportCommand,
};

async function exportCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, json } = invocation;
  const { stdout, workingDirectory } = session;
  const to = textOption(invocation, "to");
  if (to === undefined) {
    throw new ExpError("usage", "exp export: --to says where the runs go.", {
      hint: `There are ${exportKinds.join(", ")}.`,
    });
  }
  const exported = await exportRuns({
    ...lookupContext(invocation, session),
    words: operands,
    to,
    out: textOption(invocation, "out"),
    server: {
      url: textOption(invocation, "url"),
      experiment: textOption(invocation, "experiment"),
      checkpoints: invocation.options["checkpoints"] === true,
    },
    signal: new AbortController().signal,
    onWait: waitTeller(session),
    onRun: (run) => {
      if (!json) stdout.write(`${lineOf(run, workingDirectory)}\n`);
    },
  });
  if (json) stdout.write(jsonLine(exportDocument(exported, to, workingDirectory)));
  else {
    const lines =
      exported.kind === "tables" ? tableLines(exported, workingDirectory) : notTriedLines(exported);
    for (const line of lines) stdout.write(`${line}\n`);
  }
  const isWhole = exported.kind === "tables" || exported.runs.every((run) => !isFailed(run));
  return isWhole ? exitStatus.done : exitStatus.failed;
}

function isFailed({ result }: ExportedRun): boolean {
  return "error" in result;
}

function tableLines(
  { tables }: Extract<Exported, { kind: "tables" }>,
  workingDirectory: string,
): readonly string[] {
  const { runs, curves, numRuns, numFigures } = tables;
  const name = (path: string): string => printable(relativePath(path, workingDirectory));
  return [
    `${name(runs)}  ${numRuns === 1 ? "1 run" : `${formatCount(numRuns)} runs`}`,
    `${name(curves)}  ${numFigures === 1 ? "1 figure" : `${formatCount(numFigures)} figures`}`,
  ];
}

function notTriedLines({ numNotTried }: Extract<Exported, { kind: "runs" }>): readonly string[] {
  if (numNotTried === 0) return [];
  const runs = numNotTried === 1 ? "1 run was" : `${formatCount(numNotTried)} runs were`;
  return [`${runs} not tried; the same command sends what is missing.`];
}

function lineOf({ run, result }: ExportedRun, workingDirectory: string): string {
  if ("error" in result) {
    const { message, hint } = result.error;
    return printable(
      `${run.name}  not exported: ${message}${hint === undefined ? "" : ` ${hint}`}`,
    );
  }
  const { shownAt } = result;
  const place = shownAt === undefined ? "" : `  ${placeText(shownAt, workingDirectory)}`;
  return printable(`${run.name}  ${sentText(result)}${place}`);
}

type ExportOutcome = Exclude<ExportedRun["result"], { readonly error: ExpError }>;

function sentText({ wasComplete, numRows, numThere = 0, isComplete }: ExportOutcome): string {
  if (wasComplete && numThere === 0) return "was complete";
  const rows = (count: number): string => (count === 1 ? "1 row" : `${formatCount(count)} rows`);
  const sent = rows(numRows);
  const there = `${rows(numThere)} there already`;
  const parts = [...(numRows > 0 ? [sent] : []), ...(numThere > 0 ? [there] : [])];
  if (isComplete) return [...parts, "complete"].join(", ");
  return parts.length === 0 ? `${sent} so far` : `${parts.join(", ")} so far`;
}

/** Folders relative to the working directory; addresses as they are. */
function placeText(shownAt: string, workingDirectory: string): string {
  return /^[a-z]+:\/\//u.test(shownAt) ? shownAt : relativePath(shownAt, workingDirectory);
}

/** `lockstep/export/1`: what became of an export, paths relative to the working directory. */
export function exportDocument(
  exported: Exported,
  to: string,
  workingDirectory: string,
): JsonObject {
  const format = "lockstep/export/1";
  if (exported.kind === "tables") {
    const { runs, curves, numRuns, numFigures } = exported.tables;
    const paths = [runs, curves].map((path) => relativePath(path, workingDirectory));
    return { format, to, files: paths, numRuns, numFigures };
  }
  const runs = exported.runs.map(({ run, result }): JsonObject => {
    const { name, runKey } = run;
    if ("error" in result) return { run: name, runKey, error: errorObject(result.error) };
    const { numRows, numThere, isComplete, wasComplete, shownAt } = result;
    const place = shownAt === undefined ? {} : { shownAt: placeText(shownAt, workingDirectory) };
    const there = numThere === undefined ? {} : { numThere };
    return { run: name, runKey, numRows, ...there, isComplete, wasComplete, ...place };
  });
  const { numNotTried } = exported;
  return { format, to, runs, ...(numNotTried > 0 && { numNotTried }) };
}
