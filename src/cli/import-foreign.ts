/** `exp import csv|mlflow|tensorboard|wandb SOURCE`: old runs of other tools. */
import {
  foreignKinds,
  importForeign,
  isForeignKind,
  type ImportedForeign,
} from "../app/import-foreign/import-foreign.ts";
import { runsFolder } from "../app/runs-folder.ts";
import { formatCount } from "../core/number-text.ts";
import { ExpError } from "../core/errors.ts";
import type { Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { textOption, waitTeller } from "./lookup-context.ts";
import type { Session } from "./session.ts";
import { jsonLine } from "./show-json.ts";
import { formatTable } from "./table.ts";
import { printable } from "./terminal.ts";

/** Behind the flags of `exp import --help`. */
export const foreignHelp = `
Old runs of other tools become foreign runs: exp runs, show, find and compare see them, nothing executes them. Importing
again adds what is new and replaces what changed.

  csv FILE            one row a run; with a column step, one row a step. Columns config.NAME and metrics.NAME are values of
                      the config and metrics, experiment, status, started, ended and tags are facts, any other column is a
                      value of the config unless --metrics names it. What exp export --to csv wrote is read with its curves.
  mlflow SOURCE       the address of a server, a folder mlruns, a database mlflow.db, or the folder that they lie in; a server
                      that wants to know who asks is told by the variables that MLflow reads
  tensorboard FOLDER  each folder with event files is a run: scalars and hyperparameters
  wandb SOURCE        a .wandb file or a folder with such files: config, history and summary

Examples:
  exp import run.tar.gz
  exp import csv results.csv --id trial --metrics accuracy,loss
  exp import mlflow http://127.0.0.1:5000 --experiment spam
  exp import mlflow mlruns
  exp import tensorboard lightning_logs
  exp import wandb wandb`;

/** Runs the command where a tool and a source are named. */
export async function importForeignCommand(
  invocation: Invocation,
  session: Session,
): Promise<number> {
  const [kind = "", source = ""] = invocation.operands;
  const { workingDirectory, stdout, stderr, planContext } = session;
  if (!isForeignKind(kind)) {
    throw new ExpError("usage", `exp import: ${JSON.stringify(kind)} is no tool.`, {
      hint: `With a source behind it, it is one of ${foreignKinds.join(", ")}; an archive stands alone.`,
    });
  }
  const { runs, warnings } = await importForeign({
    kind,
    source,
    workingDirectory,
    environment: planContext.environment,
    experiment: textOption(invocation, "experiment"),
    onWait: waitTeller(session),
    directory: runsFolder(invocation.runsDirectory, workingDirectory),
    columns: {
      id: textOption(invocation, "id"),
      metrics: (textOption(invocation, "metrics") ?? "").split(",").filter((name) => name !== ""),
    },
  });
  for (const warning of warnings) stderr.write(`warning: ${printable(warning)}\n`);
  if (invocation.json) {
    const document = { format: "lockstep/foreign-import/1", runs: [...runs], warnings };
    stdout.write(jsonLine(document));
  } else for (const line of runLines(runs)) stdout.write(`${line}\n`);
  stderr.write(`${summary(runs)}\n`);
  return exitStatus.done;
}

function runLines(runs: readonly ImportedForeign[]): readonly string[] {
  const rows = runs.map(({ name, experiment, id, title, outcome }) => [
    name,
    printable(experiment),
    printable(title ?? id),
    outcome,
  ]);
  return formatTable(
    ["", "", "", ""].map((title) => ({ title })),
    rows,
  ).slice(1);
}

function summary(runs: readonly ImportedForeign[]): string {
  const count = (outcome: ImportedForeign["outcome"]): string =>
    formatCount(runs.filter((run) => run.outcome === outcome).length);
  const replaced = count("replaced");
  const also = replaced === "0" ? "" : `, ${replaced} replaced (the older ones are in the trash)`;
  return `${count("imported")} imported, ${count("present")} there already${also}; exp runs 'status = foreign' lists them.`;
}
