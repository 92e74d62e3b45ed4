/** What commands that look runs up hand to their use cases. */
import type { LookupContext } from "../app/lookups/open-index.ts";
import { ExpError } from "../core/errors.ts";
import { formatCount } from "../core/number-text.ts";
import type { Invocation } from "./command.ts";
import type { Session } from "./session.ts";
import { printable } from "./terminal.ts";

/** The runs of the command line; reading many of them for the first time is told on standard error. */
export function lookupContext(
  { runsDirectory }: Pick<Invocation, "runsDirectory">,
  { stderr, workingDirectory, planContext }: Session,
): LookupContext {
  return {
    runsDirectory,
    workingDirectory,
    environment: planContext.environment,
    onProgress: (numRead, numRuns) => {
      if (!stderr.isInteractive && numRead > 0) return;
      const what = numRead === 0 ? "" : `${formatCount(numRead)} of `;
      stderr.write(`Reading ${what}${formatCount(numRuns)} runs into the index\n`);
    },
    onWarning: (text) => stderr.write(`warning: ${printable(text)}\n`), // a server may have said it
  };
}

/** Tells on standard error what is waited for, lest a server that hangs looks like a command that does. */
export function waitTeller({ stderr }: Pick<Session, "stderr">): (text: string) => void {
  return (text) => stderr.write(`waiting: ${printable(text)}\n`);
}

/** The value of a flag that takes text. */
export function textOption({ options }: Invocation, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/**
 * Reads a flag that takes a whole number from 1.
 * @throws {ExpError} `usage` for anything else.
 */
export function countOption(flag: string): (text: string) => number {
  return (text) => {
    if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
    throw new ExpError(
      "usage",
      `exp: ${flag} takes a whole number from 1, found ${JSON.stringify(text)}.`,
    );
  };
}

/** The value of a flag read by `countOption`. */
export function countOf({ options }: Invocation, name: string): number | undefined {
  const value = options[name];
  return typeof value === "number" ? value : undefined;
}
