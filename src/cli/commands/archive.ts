/** `exp archive RUN`: a finished run as one file. */
import { resolve } from "node:path";
import { archiveRun, type RunArchive } from "../../app/archive/archive-run.ts";
import { secretPlaces } from "../../app/secrets-in-code.ts";
import { readSigningKey } from "../../app/signing.ts";
import { findStoredRun } from "../../app/verify/stored-run.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

/** `exp archive`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<run>", "8 or more digits of a finished run's key, or its folder")
      .option("--to <file>", "the archive; default: RUN.tar.gz in the working directory")
      .option("--with-data", "put the files that the run read into it")
      .option("--without-checkpoints", "leave all checkpoints out")
      .option("--allow-secrets", "archive it although its code holds what looks like a token")
      .option("--sign <key.pem>", "sign it with an ed25519 key");
  },
  run: archiveCommand,
};

async function archiveCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, runsDirectory, json } = invocation;
  const { workingDirectory, stdout } = session;
  const [name = ""] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const stored = findStoredRun({ name, workingDirectory, ...folder });
  const { sign, to } = options;
  const short = stored.run.runKey.slice(0, 16);
  const target = resolve(workingDirectory, typeof to === "string" ? to : `${short}.tar.gz`);
  const archive = await archiveRun(stored, {
    target,
    hasData: options["withData"] === true,
    hasCheckpoints: options["withoutCheckpoints"] !== true,
    allowsSecrets: options["allowSecrets"] === true,
    ...(typeof sign === "string" && { key: readSigningKey(resolve(workingDirectory, sign)) }),
  });
  const { secrets } = archive;
  if (secrets.length > 0) session.stderr.write(`warning: ${printable(secretPlaces(secrets))}.\n`);
  const file = relativePath(target, workingDirectory);
  if (json) {
    const { runKey } = stored.run;
    stdout.write(jsonLine({ file, runKey, isSigned: sign !== undefined, ...archive }));
  } else {
    for (const line of archiveLines(file, archive)) stdout.write(`${printable(line)}\n`);
  }
  return exitStatus.done;
}

function archiveLines(file: string, archive: RunArchive): readonly string[] {
  const { numFiles, numBytes, sha256, leftOut, missingData } = archive;
  const others = leftOut.filter((path) => !path.startsWith("checkpoints/"));
  const numCheckpoints = leftOut.length - others.length;
  return [
    `${file}: ${numFiles} files, ${numBytes} bytes`,
    `SHA-256 ${sha256}`,
    ...(numCheckpoints === 0 ? [] : [`${numCheckpoints} checkpoints left out`]),
    ...(others.length === 0 ? [] : [`left out, since they are no files: ${others.join(", ")}`]),
    ...(missingData.length === 0
      ? []
      : [`its data are not in it: ${shortList(missingData)} (--with-data takes them along)`]),
  ];
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
