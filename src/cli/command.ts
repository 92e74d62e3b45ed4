/** What a command of `exp` is. Commands are thin: what they do lives in `src/app`. */
import type { Command as CommandParser } from "commander";
import type { Session } from "./session.ts";

/** What was typed behind a command, checked against its description. */
export interface Invocation {
  /** Words that are no flags, in order. An unknown `--key=value` is the override `key=value` among them. */
  readonly operands: readonly string[];
  /** Values of the command's own flags, by their camel-case names. */
  readonly options: Readonly<Record<string, unknown>>;
  /** One JSON document on standard output, everything else on standard error. */
  readonly json: boolean;
  /** Folder of the runs, as typed. */
  readonly runsDirectory?: string;
}

export interface Command {
  /** Adds the command's arguments and flags; `--json`, `--runs-dir` and `--help` are there already. */
  describe(parser: CommandParser): void;
  /** Tells words with a minus in front that are operands of this command all the same, such as `-tag`. */
  readonly isOperand?: (word: string) => boolean;
  /**
   * Runs the command and gives its exit status. Results go to standard output, everything else to standard error.
   * @throws {ExpError} for wrong input; `main` puts it into words.
   */
  run(invocation: Invocation, session: Session): Promise<number>;
}

/** A command before its module is loaded. */
export interface CommandEntry {
  readonly name: string;
  /** One line for `exp --help`; absent for commands that only `exp` itself calls. */
  readonly summary?: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}
