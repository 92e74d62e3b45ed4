/** The command line as data. Parsing has no effects: what `exp` prints or runs is decided by the caller. */
import { Command as CommandParser, CommanderError, Option } from "commander";
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";

/** What a failed run means for the runs after it. */
export type OnError = "stop" | "continue";

export type CommandLine =
  | {
      readonly kind: "run";
      readonly file: string;
      readonly overrides: readonly string[];
      readonly json: boolean;
      readonly onError: OnError;
      readonly runsDirectory?: string;
    }
  | {
      readonly kind: "plan";
      readonly file: string;
      readonly overrides: readonly string[];
      readonly json: boolean;
      readonly runsDirectory?: string;
    }
  /** Help or the version: text for standard output. */
  | { readonly kind: "text"; readonly text: string };

interface SharedOptions {
  readonly json?: boolean;
  readonly runsDir?: string;
}

const commandNames = ["plan", "help"] as const;

const examples = `
Overrides:
  optimizer.learningRate=3e-4        set a value; on an axis it replaces the axis
  lr=1e-4,3e-4,1e-3  seed=range(1,4) several values make a sweep
  'data.path=/path with spaces'      quote for the shell, not for exp

Examples:
  exp experiments/bert-lr.ts
  exp experiments/bert-lr.ts optimizer.learningRate=3e-4 seed=7
  exp plan experiments/bert-lr.ts

Exit status: 0 done, 1 a run failed, 2 wrong input, 70 a bug of Lockstep, 75 stopped by a signal after a
checkpoint, 130 stopped at once.`;

/**
 * Reads the arguments after `exp`.
 * @throws {ExpError} `usage` for an unknown flag or command, a missing file, or a wrong flag value.
 */
export function parseArguments(args: readonly string[], version: string): CommandLine {
  const result: { line?: CommandLine; text: string } = { text: "" };
  const program = createParser(version, (line) => (result.line = line));
  const write = (text: string): void => {
    result.text += text;
  };
  for (const parser of [program, ...program.commands]) {
    parser.exitOverride().configureOutput({ writeOut: write, writeErr: () => undefined });
  }
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error);
  }
  return result.line ?? { kind: "text", text: result.text };
}

function createParser(version: string, found: (line: CommandLine) => void): CommandParser {
  const program = new CommandParser("exp")
    .description("Runs a typed TypeScript experiment: one run, or every run of its sweep.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(true)
    .addHelpText("after", examples)
    .argument("<file>", "experiment module, such as experiments/bert-lr.ts")
    .argument("[overrides...]", "values to set, such as optimizer.learningRate=3e-4")
    .option("-m, --multirun", "accepted for users of Hydra: several values make a sweep anyway")
    .addOption(onErrorOption())
    .action((file: string, overrides: string[], options: SharedOptions & { onError: OnError }) => {
      const { onError } = options;
      found({ kind: "run", file: checkFile(file), overrides, onError, ...shared(options) });
    });
  addShared(program);
  addShared(
    program
      .command("plan")
      .description("Prints the runs of an experiment and their hashes; runs nothing.")
      .argument("<file>", "experiment module")
      .argument("[overrides...]", "values to set"),
  ).action(function (this: CommandParser, file: string, overrides: string[]): void {
    found({ kind: "plan", file, overrides, ...shared(this.optsWithGlobals<SharedOptions>()) });
  });
  return program;
}

function onErrorOption(): Option {
  return new Option("--on-error <policy>", "whether a failed run stops the ones after it")
    .choices(["stop", "continue"])
    .default("continue");
}

function addShared(parser: CommandParser): CommandParser {
  return parser
    .option("--json", "one JSON document on standard output, everything else on standard error")
    .addOption(
      new Option(
        "--runs-dir <folder>",
        "where runs are kept, instead of runs/ in the project",
      ).argParser(nonEmpty),
    );
}

function nonEmpty(folder: string): string {
  if (folder !== "") return folder;
  throw new ExpError("usage", "exp: --runs-dir names no folder.", { hint: seeHelp });
}

function shared(options: SharedOptions): { json: boolean; runsDirectory?: string } {
  const runsDirectory = options.runsDir === undefined ? {} : { runsDirectory: options.runsDir };
  return { json: options.json === true, ...runsDirectory };
}

/** A word that is neither a command nor looks like a file is most likely a misspelt command. */
function checkFile(file: string): string {
  if (/[./\\]/u.test(file)) return file;
  const command = nearest(file, commandNames);
  throw new ExpError("usage", `exp: ${file} is neither a command nor an experiment file.`, {
    hint: command === undefined ? seeHelp : `Did you mean exp ${command}? ${seeHelp}`,
  });
}

const seeHelp = "See exp --help.";

function usageError(error: CommanderError): ExpError {
  const message = error.message.replace(/^error: /u, "").trimEnd();
  if (error.code === "commander.help") {
    return new ExpError("usage", "exp: an experiment file is missing.", { hint: seeHelp });
  }
  return new ExpError("usage", `exp: ${message}`, { hint: seeHelp });
}
