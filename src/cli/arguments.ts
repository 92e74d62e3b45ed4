/** The command line as data: which command, its operands and flags. Only that command's module is loaded. */
import { Command as CommandParser, CommanderError, Option } from "commander";
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import type { Command, CommandEntry, Invocation } from "./command.ts";
import { commands, defaultCommand } from "./command-list.ts";
import { mainHelp } from "./main-help.ts";
import { addSharedFlags } from "./shared-flags.ts";

/** What a command line asks for. */
export type CommandLine =
  | {
      readonly kind: "command";
      readonly name: string;
      readonly command: Command;
      readonly invocation: Invocation;
    }
  /** Help or the version: text for standard output. */
  | { readonly kind: "text"; readonly text: string };

/**
 * Reads the arguments after `exp`.
 * @param version - What `--version` prints.
 * @throws {ExpError} `usage` for an unknown flag or command, a missing operand, or a wrong flag value.
 */
export async function parseArguments(
  args: readonly string[],
  version: string,
): Promise<CommandLine> {
  const { entry, rest } = chooseCommand(args);
  if (entry === undefined) return withoutCommand(rest, version);
  const { command } = await entry.load();
  const isNamed = rest.length < args.length;
  return readCommand({ name: entry.name, command, isNamed }, rest);
}

interface ChosenCommand {
  readonly entry: CommandEntry | undefined;
  /** The arguments without the command's name. */
  readonly rest: readonly string[];
}

/** Flags may stand before the command: `exp --json plan FILE`. */
function chooseCommand(args: readonly string[]): ChosenCommand {
  const index = firstOperand(args);
  const word = args[index];
  if (word === undefined) return { entry: undefined, rest: args };
  const rest = args.toSpliced(index, 1);
  const topic = rest[index];
  const helped =
    word === "help" && topic !== "help" ? commands.find(({ name }) => name === topic) : undefined;
  if (helped !== undefined) return { entry: helped, rest: ["--help"] };
  if (word === "help" && topic === undefined) return { entry: undefined, rest: ["--help"] };
  const entry = commands.find(({ name }) => name === word);
  if (entry !== undefined) return { entry, rest };
  checkFile(word);
  return { entry: defaultCommand, rest: args };
}

/** Flags whose value is the next word; before the command is known, its own flags are not. */
const flagsWithValue = new Set(
  "--runs-dir --only -j --jobs --threads --on-error --save --against --run --timeout --tensorflow --from --sort --limit --columns --metric --direction --by --curves --older-than --base --to --x --width --height".split(
    " ",
  ),
);

function firstOperand(args: readonly string[]): number {
  return args.findIndex((word, index) => {
    return !word.startsWith("-") && !flagsWithValue.has(args[index - 1] ?? "");
  });
}

/** A word that is neither a command nor looks like a file is most likely a misspelt command. */
function checkFile(file: string): void {
  if (/[./\\]/u.test(file)) return;
  const known = commands.filter(({ summary }) => summary !== undefined).map(({ name }) => name);
  const command = nearest(file, [...known, "help"]);
  throw new ExpError("usage", `exp: ${file} is neither a command nor an experiment file.`, {
    hint: command === undefined ? seeHelp : `Did you mean exp ${command}? ${seeHelp}`,
  });
}

function withoutCommand(args: readonly string[], version: string): CommandLine {
  if (args.includes("--help") || args.includes("-h")) return { kind: "text", text: mainHelp() };
  if (args.includes("--version") || args.includes("-V")) {
    return { kind: "text", text: `${version}\n` };
  }
  const flag = args.find((word) => !["--json", "-m", "--multirun"].includes(word));
  const what = flag === undefined ? "an experiment file is missing" : `${flag} names no experiment`;
  throw new ExpError("usage", `exp: ${what}.`, { hint: seeHelp });
}

interface NamedCommand {
  readonly name: string;
  readonly command: Command;
  /** The name was typed. */
  readonly isNamed: boolean;
}

function readCommand(named: NamedCommand, args: readonly string[]): CommandLine {
  const output = { text: "" };
  const parser = createParser(named, output);
  try {
    parser.parse(overrideFlags(operandsLast(args, named.command), parser), { from: "user" });
    refuseEmptyFlags(parser);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, named);
    const isMain = named.name === defaultCommand.name && !named.isNamed;
    return { kind: "text", text: isMain ? mainHelp() : output.text };
  }
  const { name, command } = named;
  const { json, runsDir, ...options } = parser.opts<Record<string, unknown>>();
  const runsDirectory = typeof runsDir === "string" ? { runsDirectory: runsDir } : {};
  const invocation = { operands: parser.args, options, json: json === true, ...runsDirectory };
  return { kind: "command", name, command, invocation };
}

/** `--save=` is a slip, or a variable of the shell that is not set; no flag means anything by an empty text. */
function refuseEmptyFlags(parser: CommandParser): void {
  for (const option of parser.options) {
    if (parser.getOptionValue(option.attributeName()) !== "") continue;
    const expected = /<.*>/u.exec(option.flags)?.[0] ?? "a value";
    throw new ExpError("usage", `exp: ${option.long} is empty: expected ${expected}.`, {
      hint: `See ${parser.name()} --help.`,
    });
  }
}

function createParser({ name, command }: NamedCommand, output: { text: string }): CommandParser {
  const parser = new CommandParser(`exp ${name}`)
    .helpOption("-h, --help", "print this help")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => (output.text += text),
      writeErr: () => undefined,
    });
  const summary = commands.find((entry) => entry.name === name)?.summary;
  if (summary !== undefined) {
    parser.description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
  }
  command.describe(parser);
  if (!parser.options.some(({ long }) => long === "--multirun")) {
    parser.addOption(new Option("-m, --multirun").hideHelp()); // for fingers that know Hydra
  }
  addSharedFlags(parser);
  return parser;
}

/** Behind `--` a word with a minus in front is no flag. */
function operandsLast(args: readonly string[], { isOperand }: Command): readonly string[] {
  if (isOperand === undefined) return args;
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const typed = args.slice(0, end);
  const others = typed.filter((word) => !isOperand(word));
  return [...others, "--", ...typed.filter(isOperand), ...args.slice(end + 1)];
}

const overrideFlag = /^--[\p{L}_$][^=]*=/u;

/** `--optimizer.learningRate=3e-4` is an override for those whose fingers know it; a flag's name comes first. */
function overrideFlags(args: readonly string[], parser: CommandParser): readonly string[] {
  const flags = parser.options.flatMap(({ long }) => (typeof long === "string" ? [long] : []));
  const end = args.indexOf("--");
  return args.map((word, index) => {
    const isAfterEnd = end !== -1 && index >= end;
    if (isAfterEnd || !overrideFlag.test(word)) return word;
    const flag = word.slice(0, word.indexOf("="));
    return flags.includes(flag) ? word : word.slice(2);
  });
}

const seeHelp = "See exp --help.";

function usageError(error: CommanderError, { name, isNamed }: NamedCommand): ExpError {
  const message = error.message.replace(/^error: /u, "").trimEnd();
  const hint = isNamed ? `See exp ${name} --help.` : seeHelp;
  const isFlag = error.code === "commander.unknownOption" && !message.includes("Did you mean");
  const advice = isFlag ? `Values are set as path=value or --path=value. ${hint}` : hint;
  return new ExpError("usage", `exp: ${message}${/[.?)]$/u.test(message) ? "" : "."}`, {
    hint: advice,
  });
}
