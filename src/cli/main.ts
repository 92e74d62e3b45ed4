/** Entry of the `exp` command: arguments in, exit status out. The only place that turns errors into words. */
import { isExpError, formatError, type ExpError } from "../core/errors.ts";
import { machineFault } from "../core/machine-fault.ts";
import { registerSecretNames, scrub } from "../core/secrets.ts";
import { thrownStack, thrownText } from "../core/thrown.ts";
import { lockstepVersion } from "../app/version.ts";
import { parseArguments, type CommandLine } from "./arguments.ts";
import { exitStatus, statusOfError } from "./exit-status.ts";
import { bugDocument, errorDocument } from "./json-output.ts";
import {
  reserveStdout,
  scrubOutput,
  tolerateClosedPipes,
  watchForEarlyEnd,
} from "./process-guard.ts";
import type { Session } from "./session.ts";
import { jsonLine } from "./show-json.ts";
import { createTerminal, printable } from "./terminal.ts";

/**
 * Runs one command line.
 * @param args - What follows `exp`.
 * @returns The exit status; never rejects.
 */
export async function main(args: readonly string[]): Promise<number> {
  scrubOutput();
  const session = createSession();
  tolerateClosedPipes();
  const done = watchForEarlyEnd((error) => reportError(error, args, session));
  try {
    return await dispatch(await parseArguments(args, lockstepVersion()), session);
  } catch (error) {
    const known = isExpError(error) ? error : machineFault(error);
    if (known === undefined) return reportBug(error, args, session);
    reportError(known, args, session);
    return statusOfError(known.code);
  } finally {
    done();
  }
}

async function dispatch(line: CommandLine, session: Session): Promise<number> {
  if (line.kind === "command") return line.command.run(line.invocation, session);
  session.stdout.write(line.text.endsWith("\n") ? line.text : `${line.text}\n`);
  return exitStatus.done;
}

function createSession(): Session {
  const workingDirectory = process.cwd();
  const stdout = reserveStdout();
  return {
    stdout: createTerminal(stdout, process.env),
    stderr: createTerminal(process.stderr, process.env),
    workingDirectory,
    now: () => performance.now(),
    planContext: { workingDirectory, environment: process.env },
  };
}

/** Before an experiment is read nobody knows its secrets: then what is named like one is taken for one. */
const secretNames = /TOKEN|SECRET|PASSW|API_?KEY|CREDENTIAL/iu;

function reportError(error: ExpError, args: readonly string[], session: Session): void {
  registerSecretNames(Object.keys(process.env).filter((name) => secretNames.test(name)));
  const lines = scrub(formatError(error)).split("\n"); // a secret may have several lines
  for (const text of lines) session.stderr.write(`${printable(text)}\n`);
  if (args.includes("--json")) session.stdout.write(jsonLine(errorDocument(error)));
}

function reportBug(error: unknown, args: readonly string[], session: Session): number {
  const text = thrownStack(error) ?? thrownText(error);
  session.stderr.write(`This is a bug of Lockstep, not of your experiment:\n${text}\n`);
  if (args.includes("--json")) session.stdout.write(jsonLine(bugDocument(error)));
  return exitStatus.internal;
}
