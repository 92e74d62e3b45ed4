/** `exp list [experiments|presets|paths] [FILE]`: what there is to run, to choose from, and to set. */
import { Argument } from "commander";
import { fieldsOf, loadTask, type FieldInfo } from "../../app/field-facts.ts";
import { fieldDocument } from "../../app/field-documents.ts";
import {
  listExperiments,
  listPresets,
  type ListedExperiment,
  type ListedGroup,
} from "../../app/list-project.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { nearest } from "../../core/suggest.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { experimentLines, fieldLines, groupLines } from "../list-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";

const topics = ["experiments", "presets", "paths"] as const;
type Topic = (typeof topics)[number];

const examples = `
Examples:
  exp list                                    experiments and presets of the project
  exp list presets                            what model=… and the like may name
  exp list paths experiments/bert-lr.ts       everything that its config may set
  exp list paths                              the same for the built-in training task`;

/** `exp list`. */
export const command: Command = {
  describe(parser) {
    const text = "experiments, presets or paths; default: experiments and presets";
    const what = new Argument("[what]", text);
    parser
      .addArgument(what.choices(topics).argParser((text) => text))
      .argument("[file]", "an experiment, or for experiments the folder to look in")
      .addHelpText("after", examples);
  },
  run: listCommand,
};

async function listCommand(invocation: Invocation, session: Session): Promise<number> {
  const { topic, file } = readOperands(invocation.operands);
  const listed = await collect(topic, file, session);
  const { stdout } = session;
  if (invocation.json) {
    stdout.write(jsonLine({ format: "lockstep/list/1", ...documentOf(listed) }));
    return exitStatus.done;
  }
  const shown = (path: string): string => relativePath(path, session.workingDirectory);
  const parts = [
    ...(listed.experiments === undefined
      ? []
      : [experimentLines(listed.experiments, shown, stdout)]),
    ...(listed.groups === undefined ? [] : [groupLines(listed.groups, stdout)]),
    ...(listed.fields === undefined ? [] : [fieldLines(listed.fields, stdout)]),
  ];
  stdout.write(`${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`);
  return exitStatus.done;

  function documentOf({ experiments, groups, fields }: Listed): JsonObject {
    return {
      ...(experiments && {
        experiments: experiments.map(({ file: path, doc }) => {
          return { file: shown(path), ...(doc === undefined ? {} : { doc }) };
        }),
      }),
      ...(groups && { presets: groups.map(groupDocument) }),
      ...(fields && { paths: fields.map(fieldDocument) }),
    };
  }
}

interface Listed {
  readonly experiments?: readonly ListedExperiment[];
  readonly groups?: readonly ListedGroup[];
  readonly fields?: readonly FieldInfo[];
}

function groupDocument({ kind, name, file, choices }: ListedGroup): JsonObject {
  return { kind, name, file, choices: choices.map((choice) => ({ ...choice })) };
}

async function collect(
  topic: Topic | undefined,
  file: string | undefined,
  { workingDirectory }: Session,
): Promise<Listed> {
  switch (topic) {
    case "experiments":
      return { experiments: await listExperiments(workingDirectory, file) };
    case "presets":
      return { groups: await listPresets(workingDirectory, file) };
    case "paths":
      return { fields: await listedFields(file, workingDirectory) };
    case undefined:
      return {
        experiments: await listExperiments(workingDirectory),
        groups: await listPresets(workingDirectory, file),
      };
  }
}

/** Without what a schema that contains itself repeats at any depth. */
async function listedFields(
  file: string | undefined,
  workingDirectory: string,
): Promise<readonly FieldInfo[]> {
  const fields = await fieldsOf(await loadTask(file, workingDirectory));
  return fields.filter(({ isRepeated }) => isRepeated !== true);
}

function readOperands(operands: readonly string[]): { topic?: Topic; file?: string } {
  const [what, file] = operands;
  if (what === undefined) return {};
  const topic = topics.find((one) => one === what);
  if (topic !== undefined) return { topic, ...(file === undefined ? {} : { file }) };
  const meant = nearest(what, topics);
  throw new ExpError("usage", `exp list: ${JSON.stringify(what)} is nothing that can be listed.`, {
    hint:
      meant === undefined ? `There are ${topics.join(", ")}.` : `Did you mean exp list ${meant}?`,
  });
}
