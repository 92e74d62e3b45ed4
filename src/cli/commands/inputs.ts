/** `exp inputs FILE`: what an experiment takes from outside; `exp inputs update FILE [keys]` looks it up. */
import { Argument } from "commander";
import { listInputs, updateInputs, type InputList, type UpdatedInput } from "../../app/inputs.ts";
import { ExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { formatValue } from "../run-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable, type Column } from "../table.ts";
import { printable } from "../terminal.ts";

/** Enough for a slow server. */
const defaultSeconds = 60;

/** `exp inputs`. */
export const command: Command = {
  describe: (parser) => {
    const update = new Argument("[update]", "looks external values up, pins them in the lock file");
    parser
      .addArgument(update.choices(["update"]).argParser((text) => text))
      .argument("[file]", "experiment module, such as experiments/bert-lr.ts")
      .argument("[keys-and-overrides...]", "keys of external values (default: all), values to set")
      .option("--timeout <seconds>", "for each look-up", readSeconds, defaultSeconds);
  },
  run: (invocation, session) => {
    const isUpdate = invocation.operands[0] === "update";
    if (!isUpdate) refuseUnknownWord(invocation.operands[0]);
    return isUpdate ? updateCommand(invocation, session) : listCommand(invocation, session);
  },
};

/** A word that cannot be a file is most likely a misspelt `update`; read as a file, what follows would be overrides. */
function refuseUnknownWord(word = "."): void {
  if (/[./\\]/u.test(word)) return;
  const isNear = nearest(word, ["update"]) !== undefined;
  throw new ExpError(
    "usage",
    `exp inputs: ${JSON.stringify(word)} is neither update nor an experiment file.`,
    { hint: isNear ? "Did you mean exp inputs update?" : "See exp inputs --help." },
  );
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 86_400) return seconds;
  throw new ExpError("usage", `exp inputs: --timeout is a number of seconds, found ${text}.`);
}

interface InputsRequest {
  readonly file: string;
  readonly words: readonly string[];
}

function readOperands([file, ...words]: readonly string[]): InputsRequest {
  if (file !== undefined) return { file, words };
  throw new ExpError("usage", "exp inputs: an experiment file is missing.", {
    hint: "See exp inputs --help.",
  });
}

async function listCommand({ operands, json }: Invocation, session: Session): Promise<number> {
  const { file, words } = readOperands(operands);
  const list = await listInputs({ file, overrides: words, ...session.planContext });
  if (json) {
    const { experiment, inputs, secrets, unused } = list;
    const document = { experiment, inputs, secrets: secrets.map((one) => ({ ...one })), unused };
    session.stdout.write(jsonLine(document));
  } else {
    for (const text of listLines(list, file)) session.stdout.write(`${text}\n`);
  }
  return exitStatus.done;
}

const columns: readonly Column[] = [
  { title: "input" },
  { title: "path" },
  { title: "value" },
  { title: "from" },
  { title: "asked for at" },
];

function listLines({ experiment, inputs, secrets, unused }: InputList, file: string): string[] {
  const rows = [
    ...inputs.map((input) => inputRow(input, file)),
    ...secrets.map(({ name, path, isSet }) => [
      `secret ${name}`,
      path,
      isSet ? "(hidden)" : "",
      isSet ? "environment" : "not set",
      "",
    ]),
  ].map((row) => row.map((cell) => printable(cell)));
  const count = rows.length === 1 ? "1 input" : `${rows.length} inputs`;
  return [
    `${printable(experiment)}: ${rows.length === 0 ? "no inputs" : count}`,
    ...(rows.length === 0 ? [] : ["", ...formatTable(columns, rows)]),
    ...unused.map(
      (key) =>
        `note: inputs.lock.json holds ${printable(key)}, which this experiment does not ask for`,
    ),
  ];
}

function inputRow(input: JsonObject, experiment: string): string[] {
  const { kind, name, path, from, value, file, line } = input;
  const isPinned = from === "lock";
  const state =
    value === undefined && isPinned
      ? "changed by hand"
      : from === "absent" && kind === "external"
        ? `not pinned: exp inputs update ${experiment} ${text(name)}`
        : from === "absent"
          ? "not set"
          : text(from);
  const shown = value === undefined ? "" : formatValue(value);
  return [`${text(kind)} ${text(name)}`, text(path), shown, state, `${text(file)}:${text(line)}`];
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

async function updateCommand(invocation: Invocation, session: Session): Promise<number> {
  const { file, words } = readOperands(invocation.operands.slice(1));
  const isOverride = (word: string): boolean => word.includes("=") || word.startsWith("~");
  const updated = await updateInputs({
    file,
    overrides: words.filter(isOverride),
    keys: words.filter((word) => !isOverride(word)),
    timeoutMs: Number(invocation.options["timeout"]) * 1000,
    ...session.planContext,
  });
  if (invocation.json) {
    session.stdout.write(jsonLine({ updated: updated.map((one) => ({ ...one })) }));
    return exitStatus.done;
  }
  if (updated.length === 0) session.stdout.write("The experiment asks for no external value.\n");
  for (const one of updated) session.stdout.write(`${printable(updateLine(one))}\n`);
  return exitStatus.done;
}

function updateLine({ key, change, value, before }: UpdatedInput): string {
  const now = formatValue(value);
  if (change === "changed" && before !== undefined) {
    return `${key}: ${formatValue(before)} → ${now} (changed)`;
  }
  return `${key}: ${now} (${change})`;
}
