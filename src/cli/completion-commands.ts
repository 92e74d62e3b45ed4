/** The command line as completion sees it: each command with its flags and what its words are. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command as CommandParser, type Argument, type Option } from "commander";
import type { JsonObject } from "../core/json.ts";
import { commands } from "./command-list.ts";
import { addSharedFlags } from "./shared-flags.ts";

/** Every command, described by itself. */
export async function completionCommands(): Promise<readonly JsonObject[]> {
  return Promise.all(
    commands.map(async ({ name, summary, load }) => {
      const { command } = await load();
      const parser = new CommandParser(name);
      command.describe(parser);
      addSharedFlags(parser);
      const first = parser.registeredArguments.map(argumentName);
      const choices = parser.registeredArguments.find((one) => one.argChoices !== undefined);
      return {
        name,
        ...(summary === undefined ? {} : { summary }),
        flags: [
          ...parser.options.flatMap(flagEntry),
          { name: "--help", takesValue: false, what: "print help" },
        ],
        takesFile: first.some((one) => one === "file"),
        takesOverrides: first.some((one) => one === "overrides" || one === "words"),
        isBare: first.includes("words"),
        ...(choices === undefined && name !== "help" ? {} : { choices: choices?.argChoices ?? [] }),
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

function argumentName(argument: Argument): string {
  return argument.name();
}

function flagEntry({ long, description, argChoices, required, optional }: Option): JsonObject[] {
  if (typeof long !== "string") return [];
  const values = argChoices === undefined ? {} : { values: [...argChoices] };
  return [{ name: long, takesValue: required || optional, what: description, ...values }];
}
