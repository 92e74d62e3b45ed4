/** `exp import FILE`: takes the run of an archive into the folder of the runs; `exp import csv FILE`: those of another tool. */
import { resolve } from "node:path";
import { Option } from "commander";
import { importArchive, type ImportedRun } from "../../app/archive/import-archive.ts";
import { runsFolder } from "../../app/runs-folder.ts";
import { readPublicKey } from "../../app/signing.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { foreignHelp, importForeignCommand } from "../import-foreign.ts";
import { relativePath } from "../json-output.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

/** More than any run that fits on a laptop. */
const defaultMaxBytes = 50_000_000_000;

/** `exp import`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument(
        "<file>",
        "an archive that exp archive wrote, or a tool: csv, mlflow, tensorboard, wandb",
      )
      .argument("[source]", "of a tool: a file, a folder, or the address of an MLflow")
      .addOption(
        new Option(
          "--relocate <old=new>",
          "where a file or folder that the config names lies here; may be given several times",
        ).argParser(addRelocation),
      )
      .option("--signer <public.pem>", "take it only if this ed25519 key signed it")
      .addOption(
        new Option("--max-bytes <number>", "take at most so many bytes, once decompressed")
          .argParser(byteNumber)
          .default(defaultMaxBytes),
      )
      .option("--id <column>", "csv: the column that names the runs; default: run, run_id or id")
      .option("--metrics <columns>", "csv: columns that are metrics, with commas between them")
      .option("--experiment <name>", "mlflow: only the runs of this experiment")
      .addHelpText("after", foreignHelp);
  },
  run: importCommand,
};

async function importCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, runsDirectory, json } = invocation;
  const { workingDirectory, stdout } = session;
  const [file = "", source] = operands;
  if (source !== undefined) return importForeignCommand(invocation, session);
  const { signer } = options;
  const relocations = (options["relocate"] ?? []) as readonly Relocated[]; // by its parser
  const imported = await importArchive({
    path: resolve(workingDirectory, file),
    directory: runsFolder(runsDirectory, workingDirectory),
    relocations: relocations.map(({ from, to }) => ({ from, to: resolve(workingDirectory, to) })),
    ...(typeof signer === "string" && { signer: readPublicKey(resolve(workingDirectory, signer)) }),
    maxBytes: Number(options["maxBytes"]),
  });
  if (json) stdout.write(jsonLine(importDocument(imported, workingDirectory)));
  else {
    for (const line of importLines(imported, workingDirectory)) {
      stdout.write(`${printable(line)}\n`);
    }
  }
  return imported.outcome.kind === "conflict" ? exitStatus.failed : exitStatus.done;
}

interface Relocated {
  readonly from: string;
  readonly to: string;
}

function addRelocation(
  text: string,
  before: readonly Relocated[] | undefined,
): readonly Relocated[] {
  const [, from, to] = /^([^=]+)=(.+)$/su.exec(text) ?? [];
  if (from !== undefined && to !== undefined) {
    return [...(before ?? []), { from: from.replace(/(.)\/+$/u, "$1"), to }];
  }
  throw new ExpError("usage", `exp: --relocate is old=new, found ${JSON.stringify(text)}.`, {
    hint: "exp import run.tar.gz --relocate data/reviews.tsv=/mnt/data/reviews.tsv",
  });
}

function byteNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/u.test(text)) return Number(text);
  const found = JSON.stringify(text);
  throw new ExpError("usage", `exp: --max-bytes is a whole number from 1, found ${found}.`);
}

function directoryOf({ outcome }: ImportedRun): string {
  return outcome.kind === "conflict" ? outcome.directory : outcome.run.directory;
}

function importDocument(imported: ImportedRun, workingDirectory: string): JsonObject {
  const { outcome, list, signedBy, relocations } = imported;
  return {
    outcome: outcome.kind,
    runKey: list.runKey,
    experiment: list.experiment,
    directory: relativePath(directoryOf(imported), workingDirectory),
    signedBy: signedBy ?? null,
    relocations: relocations.map((one) => ({ ...one })),
  };
}

const outcomes = {
  imported: "imported into",
  present: "already here, with the same results, in",
  conflict: "here already with other results; the imported ones are kept in",
} as const;

function importLines(imported: ImportedRun, workingDirectory: string): readonly string[] {
  const { outcome, list, signedBy, relocations } = imported;
  const name = list.runKey.slice(0, 8);
  const place = relativePath(directoryOf(imported), workingDirectory);
  const ready =
    outcome.kind === "conflict"
      ? [outcome.error.message]
      : [
          ...relocations.map(({ from, to, isInStore }) =>
            isInStore ? `data: ${from} came along` : `data: ${from} is read from ${to}`,
          ),
          `exp verify ${name} executes its code; exp checkout ${name} --to FOLDER shows it first`,
        ];
  return [
    `${name} ${list.experiment}: ${outcomes[outcome.kind]} ${place}`,
    signedBy === undefined ? "not signed" : `signed by ${signedBy}`,
    ...ready,
  ];
}
