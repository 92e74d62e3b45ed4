/** `exp fsck`: checks every file of the runs folder, and repairs what can be repaired. */
import { checkRunsFolder, type CheckedStore } from "../../app/fsck.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable, type Style, type Terminal } from "../terminal.ts";

const help = `
Reads every byte that a digest covers: runs, attempts, checkpoints, code, annotations. Executes nothing and follows no
link. --repair moves what is damaged to .trash/ in the runs folder, with a note of where it lay, and publishes an attempt
that is complete; it deletes only empty folders. The exit status is 1 while an error or a warning is left.

Examples:
  exp fsck
  exp fsck --repair
  exp fsck --runs-dir /mnt/shared/runs --json`;

/** `exp fsck`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .option("--repair", "puts right what can be put right, and says what it did")
      .addHelpText("after", help);
  },
  run: fsckCommand,
};

function fsckCommand(invocation: Invocation, session: Session): Promise<number> {
  const checked = checkRunsFolder({
    runsDirectory: invocation.runsDirectory,
    workingDirectory: session.workingDirectory,
    isRepairing: invocation.options["repair"] === true,
  });
  const { stdout, workingDirectory } = session;
  const directory = relativePath(checked.directory, workingDirectory);
  if (invocation.json) {
    const findings = checked.findings.map((finding) => ({ ...finding }));
    const document = { format: "lockstep/fsck/1", ...checked, directory, findings };
    stdout.write(jsonLine(document));
  } else {
    for (const line of lines(checked, directory, stdout)) stdout.write(`${line}\n`);
  }
  const isLeft = numLeft(checked) > 0;
  return Promise.resolve(isLeft ? exitStatus.failed : exitStatus.done);
}

function numLeft({ findings }: CheckedStore): number {
  return findings.filter(({ severity, isRepaired }) => severity !== "note" && !isRepaired).length;
}

const styles: Readonly<Record<string, Style>> = { error: "red", warning: "yellow", note: "dim" };

function lines(checked: CheckedStore, directory: string, terminal: Terminal): readonly string[] {
  const { findings, numRuns, numAttempts, numConflicts, numCodes, numAnnotations } = checked;
  const { numForeign } = checked;
  const told = findings.flatMap(({ severity, path, message, repair, isRepaired }) => [
    `${terminal.style(styles[severity] ?? "dim", severity)}  ${printable(path)}`,
    `  ${printable(message)}`,
    ...(repair === undefined ? [] : [`  ${isRepaired ? "repaired" : "--repair"}: ${repair}`]),
  ]);
  const counted = [
    count(numRuns, "run"),
    count(numAttempts, "attempt"),
    count(numConflicts, "conflict"),
    count(numCodes, "stored code"),
    count(numAnnotations, "annotation"),
    ...(numForeign === 0 ? [] : [count(numForeign, "foreign run")]),
  ].join(", ");
  return [...told, `${printable(directory)}: ${counted}; ${verdict(checked)}`];
}

function verdict(checked: CheckedStore): string {
  const numRepaired = checked.findings.filter(({ isRepaired }) => isRepaired).length;
  const left = numLeft(checked);
  const repaired = numRepaired === 0 ? "" : `${count(numRepaired, "finding")} repaired, `;
  return left === 0 ? `${repaired}nothing is wrong` : `${repaired}${count(left, "finding")} left`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
