/** `exp init [folder]`: a small working project in an empty folder. */
import { initProject, type NewFolder } from "../../app/init-project.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable } from "../table.ts";
import { printable } from "../terminal.ts";

/** `exp init`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("[folder]", "a new or empty folder; default: this one")
      .option(
        "--force",
        "add what is missing to a folder that is not empty; nothing is written over",
      );
  },
  run: initCommand,
};

function initCommand({ operands, options, json }: Invocation, session: Session): Promise<number> {
  const { stdout, workingDirectory } = session;
  const force = options["force"] === true;
  const made = initProject({ folder: operands[0] ?? ".", workingDirectory, force });
  const folder = relativePath(made.directory, workingDirectory);
  const next = nextCommands(made, folder);
  if (json) {
    const { written, kept } = made;
    const commands = next.map(([text]) => text);
    const document = { format: "lockstep/init/1", folder, written, kept, next: commands };
    stdout.write(jsonLine(document));
    return Promise.resolve(exitStatus.done);
  }
  for (const line of madeLines(made, folder, next)) stdout.write(`${line}\n`);
  return Promise.resolve(exitStatus.done);
}

type NextCommand = readonly [text: string, what: string];

function nextCommands({ kept, lockstep }: NewFolder, folder: string): readonly NextCommand[] {
  const isInstalled = kept.includes("package.json");
  return [
    ...(folder === "." ? [] : [[`cd ${shellQuote(folder)}`, ""] as const]),
    [isInstalled ? `npm install ${shellQuote(lockstep)}` : "npm install", ""],
    ["npx exp experiments/first.ts", "trains a small model in seconds"],
    ["npx exp experiments/sweep.ts", "the same at three learning rates"],
    ["npx exp explain experiments/sweep.ts lr", "says where a value comes from"],
  ];
}

function madeLines(
  { written, kept }: NewFolder,
  folder: string,
  next: readonly NextCommand[],
): readonly string[] {
  const place = folder === "." ? "here" : `in ${printable(folder)}`;
  const columns = [{ title: "" }, { title: "" }];
  const commands = formatTable(columns, next).slice(1);
  return [
    written.length === 0 ? "Nothing was missing." : `Made a project ${place}:`,
    ...written.map((path) => `  ${path}`),
    ...(kept.length === 0 ? [] : ["Kept as they were:", ...kept.map((path) => `  ${path}`)]),
    "",
    "Next:",
    ...commands.map((line) => `  ${line}`),
  ];
}
