/** The command line as completion sees it: each command with its flags and what its words are. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command as CommandParser, type Argument, type Option } from "commander";
import type { JsonObject } from "../core/json.ts";
import { commands, defaultCommand } from "./command-list.ts";
import { addSharedFlags } from "./shared-flags.ts";

/** Which runs Tab offers, and what else may stand in the place of one. */
export interface RunArgument {
  readonly which: "finished" | "stopped" | "any";
  /** Further words are runs, too. */
  readonly isRepeated: boolean;
  readonly orFiles?: "any" | "experiment" | "folder";
}

const finishedRun: RunArgument = { which: "finished", isRepeated: false };
const anyRuns: RunArgument = { which: "any", isRepeated: true, orFiles: "folder" };

/** The commands that take runs, by name. */
export const runArguments: Readonly<Record<string, RunArgument>> = {
  archive: finishedRun,
  audit: finishedRun,
  checkout: finishedRun,
  compare: anyRuns,
  export: anyRuns,
  diff: { which: "finished", isRepeated: true, orFiles: "experiment" },
  freeze: finishedRun,
  note: { which: "any", isRepeated: false, orFiles: "folder" },
  plot: anyRuns,
  replay: finishedRun,
  report: anyRuns,
  rerun: finishedRun,
  resume: { which: "stopped", isRepeated: false },
  rm: anyRuns,
  show: { which: "any", isRepeated: false, orFiles: "any" },
  tag: anyRuns,
  verify: finishedRun,
};

/** Every command, described by itself. */
export async function completionCommands(): Promise<readonly JsonObject[]> {
  return Promise.all(
    commands.map(async ({ name, summary, load }) => {
      const { command } = await load();
      const parser = new CommandParser(name);
      command.describe(parser);
      addSharedFlags(parser);
      const names = parser.registeredArguments.map((one) => one.name());
      const choices = parser.registeredArguments.find((one) => one.argChoices !== undefined);
      return {
        name,
        ...(summary === undefined ? {} : { summary }),
        flags: [
          ...parser.options.flatMap(flagEntry),
          { name: "--help", takesValue: false, what: "print help" },
        ],
        takesFile: names.includes("file"),
        takesPlan: name === defaultCommand.name,
        takesFolder: names.includes("folder"),
        takesOverrides: names.some((one) => /overrides|words/u.test(one)),
        isBare: names.includes("words"),
        ...runEntry(name),
        ...choicesEntry(choices),
      };
    }),
  );
}

/** The modules that say what the command line is: those of this folder. */
export function commandModules(): readonly string[] {
  const folder = fileURLToPath(new URL("./commands/", import.meta.url));
  const own = fileURLToPath(import.meta.url);
  const names = readdirSync(folder).filter((name) => /(?<!\.d)\.[jt]s$/u.test(name));
  const ending = own.slice(own.lastIndexOf("."));
  return [
    folder,
    ...names.map((name) => join(folder, name)),
    join(folder, `../command-list${ending}`),
  ];
}

/** A word that may be left out, such as `update`, is its argument's only choice; a file may stand in its place. */
function choicesEntry(argument: Argument | undefined): JsonObject {
  if (argument?.argChoices === undefined) return {};
  const choices = [...argument.argChoices];
  return { choices, takesFileFirst: choices.includes(argument.name()) };
}

function runEntry(name: string): JsonObject {
  const taken = runArguments[name];
  return taken === undefined ? {} : { takesRun: { ...taken } };
}

function flagEntry(option: Option): JsonObject[] {
  const { flags, long, description, argChoices, required, optional } = option;
  if (typeof long !== "string") return [];
  const values = argChoices === undefined ? {} : { values: [...argChoices] };
  const place = /<(plan|folder)\b/u.exec(flags)?.[1];
  const places = place === undefined ? {} : { place };
  return [
    { name: long, takesValue: required || optional, what: description, ...values, ...places },
  ];
}
