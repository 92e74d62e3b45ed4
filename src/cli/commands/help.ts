/** `exp help PATH`, `exp help FILE PATH`: what a path of the config means and what may be set. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fieldDocument } from "../../app/field-documents.ts";
import { describePath, type DescribedPath } from "../../app/describe-path.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import type { Command, Invocation } from "../command.ts";
import { commands } from "../command-list.ts";
import { exitStatus } from "../exit-status.ts";
import { pathHelpLines } from "../help-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";

const examples = `
Examples:
  exp help plan                                  a command
  exp help optimizer.learningRate                a path of the built-in training task
  exp help experiments/bert-lr.ts optimizer      a path of the task that an experiment uses`;

/** `exp help`, for everything that is no command. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<words...>", "a command, or an experiment and a path, or a path alone")
      .addHelpText("after", examples);
  },
  run: helpCommand,
};

async function helpCommand(invocation: Invocation, session: Session): Promise<number> {
  const { file, path } = readWords(invocation.operands, session.workingDirectory);
  const described = await describe({ file, path }, session.workingDirectory);
  const { stdout } = session;
  if (invocation.json) {
    const document = {
      format: "lockstep/help/1",
      paths: described.meanings.map(fieldDocument),
      below: described.below.map(fieldDocument),
      aliases: described.aliases,
    };
    stdout.write(jsonLine(document));
    return exitStatus.done;
  }
  for (const line of pathHelpLines(described, file, stdout)) stdout.write(`${line}\n`);
  return exitStatus.done;
}

interface Words {
  readonly file: string | undefined;
  readonly path: string | undefined;
}

function readWords(words: readonly string[], workingDirectory: string): Words {
  const [first, second, third] = words;
  if (third !== undefined) {
    throw new ExpError(
      "usage",
      `exp help takes an experiment and a path, found ${words.length} words.`,
      {
        hint: "See exp help --help.",
      },
    );
  }
  if (second !== undefined) return { file: first, path: second };
  const isFile = first !== undefined && /\.[cm]?ts$/u.test(first);
  const exists = isFile && existsSync(resolve(workingDirectory, first));
  return exists ? { file: first, path: undefined } : { file: undefined, path: first };
}

/** A word that is neither path nor command may be a misspelt one of both. */
async function describe(words: Words, workingDirectory: string): Promise<DescribedPath> {
  try {
    return await describePath({ ...words, workingDirectory });
  } catch (error) {
    const { file, path = "" } = words;
    const names = commands.flatMap(({ name, summary }) => (summary === undefined ? [] : [name]));
    const meant = file === undefined ? nearest(path, names) : undefined;
    if (meant === undefined || !isExpError(error)) throw error;
    throw new ExpError("usage", `${path} is neither a command nor a path of the config.`, {
      hint: `Did you mean exp help ${meant}?`,
    });
  }
}
