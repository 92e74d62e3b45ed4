/** `exp resolve FILE [overrides…] [path]`: the resolved config, as it will be hashed and run. */
import { resolveConfigs, type ShownConfig, type ShownConfigs } from "../../app/resolve-config.ts";
import { yamlDocuments } from "../../app/yaml-documents.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { chosenRun, runOption } from "../run-option.ts";
import type { Session } from "../session.ts";
import { jsonLine, prettyJson } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
Examples:
  exp resolve experiments/bert-lr.ts
  exp resolve experiments/bert-lr.ts optimizer --run 2
  exp resolve experiments/bert-lr.ts seed=7 training.batchSize --yaml
  exp resolve experiments/baseline.ts --identity | sha256sum     prints the configHash`;

/** `exp resolve`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<file>", "experiment module, such as experiments/bert-lr.ts")
      .argument("[words...]", "overrides, and the path of the part to print, such as optimizer")
      .option("--canonical", "canonical JSON (RFC 8785): sorted keys, no spaces, no newline")
      .option("--identity", "the bytes whose SHA-256 is the configHash")
      .option("--yaml", "YAML instead of JSON; several runs become several documents")
      .addOption(runOption("one run of a sweep, counted from 1; else all runs are printed"))
      .addHelpText("after", examples);
  },
  run: resolveCommand,
};

async function resolveCommand(invocation: Invocation, session: Session): Promise<number> {
  const [file = "", ...words] = invocation.operands;
  const format = formatOf(invocation);
  const configs = await resolveConfigs({
    file,
    words,
    ...session.planContext,
    ...chosenRun(invocation.options),
  });
  for (const note of configs.notes) session.stderr.write(`note: ${printable(note)}\n`);
  session.stdout.write(format(configs));
  return exitStatus.done;
}

type Format = (configs: ShownConfigs) => string;

function formatOf({ options, json }: Invocation): Format {
  const formats: Readonly<Record<string, Format>> = {
    json: (configs) => jsonLine(documentOf(configs)),
    canonical: (configs) => canonicalJson(valueOf(configs)),
    identity: identityBytes,
    yaml: ({ runs }) => yamlDocuments(runs.map(({ value }) => value)),
  };
  const asked = Object.keys(formats).filter((name) =>
    name === "json" ? json : options[name] === true,
  );
  const [name, other] = asked;
  if (other !== undefined) {
    throw new ExpError("usage", `exp resolve: --${name} and --${other} ask for two formats.`, {
      hint: "Give one of --json, --canonical, --identity, --yaml.",
    });
  }
  const chosen = name === undefined ? undefined : formats[name];
  return chosen ?? ((configs) => `${prettyJson(valueOf(configs))}\n`);
}

/** One run is shown as itself, several as a list. */
function valueOf({ runs }: ShownConfigs): JsonValue {
  const [first] = runs;
  return runs.length === 1 && first !== undefined ? first.value : runs.map(({ value }) => value);
}

function identityBytes({ runs, path }: ShownConfigs): string {
  const [first] = runs;
  if (path !== undefined) {
    throw new ExpError("usage", `exp resolve: --identity is of a whole config, not of ${path}.`);
  }
  if (first === undefined || runs.length > 1) {
    throw new ExpError(
      "usage",
      `exp resolve: --identity is of one run, and there are ${runs.length}.`,
      {
        hint: "Choose one with --run 1.",
      },
    );
  }
  return first.identityText;
}

function documentOf({ experiment, task, path, runs, notes }: ShownConfigs): JsonObject {
  return {
    format: "lockstep/resolve/1",
    experiment,
    task,
    ...(path === undefined ? {} : { path }),
    runs: runs.map(runDocument),
    notes,
  };
}

function runDocument({
  number,
  value,
  axisValues,
  configHash,
  groupHash,
}: ShownConfig): JsonObject {
  return { run: number, axes: axisValues, configHash, groupHash, value };
}
