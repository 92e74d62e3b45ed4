/** `exp explain FILE [overrides…] [path…]`: who set each value, in order, and what it was computed from. */
import {
  explainExperiment,
  type ExplainedValue,
  type Explanation,
  type Step,
} from "../../app/explain-experiment.ts";
import type { JsonObject } from "../../core/json.ts";
import { fieldDocument } from "../../app/field-documents.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { explanationLines } from "../explain-text.ts";
import { chosenRun, runOption } from "../run-option.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
Examples:
  exp explain experiments/bert-lr.ts
  exp explain experiments/bert-lr.ts optimizer.learningRate schedule.warmupSteps
  exp explain experiments/bert-lr.ts model=bert-small model --run 2`;

/** `exp explain`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<file>", "experiment module, such as experiments/bert-lr.ts")
      .argument("[words...]", "overrides, and the paths to explain; all where none is given")
      .addOption(runOption("which run of a sweep, counted from 1; default 1"))
      .addHelpText("after", examples);
  },
  run: explainCommand,
};

async function explainCommand(invocation: Invocation, session: Session): Promise<number> {
  const [file = "", ...words] = invocation.operands;
  const { stdout, stderr } = session;
  const run = chosenRun(invocation.options);
  const explanation = await explainExperiment({ file, words, ...session.planContext, ...run });
  if (invocation.json) {
    stdout.write(jsonLine(documentOf(explanation)));
    return exitStatus.done;
  }
  for (const note of explanation.notes) stderr.write(`note: ${printable(note)}\n`);
  for (const line of explanationLines(explanation, stdout)) stdout.write(`${line}\n`);
  return exitStatus.done;
}

function documentOf(explanation: Explanation): JsonObject {
  const { experiment, run, numRuns, axisValues, values, notes } = explanation;
  return {
    format: "lockstep/explain/1",
    experiment,
    run,
    numRuns,
    axes: axisValues,
    values: values.map(valueDocument),
    notes,
  };
}

function valueDocument(explained: ExplainedValue): JsonObject {
  const { path, value, steps, isDefault, reads, excludedBy, otherKind, field, aliases, inputs } =
    explained;
  return {
    path,
    ...(value === undefined ? {} : { value }),
    isDefault,
    history: steps.map(stepDocument),
    ...(reads === undefined ? {} : { reads: reads.map((read) => ({ ...read })) }),
    ...(excludedBy === undefined ? {} : { excludedBy }),
    ...(otherKind === undefined ? {} : { otherKind }),
    ...(inputs.length === 0
      ? {}
      : {
          inputs: inputs.map(({ kind, name, from, value: read }) => {
            return { kind, name, from, ...(read === undefined ? {} : { value: read }) };
          }),
        }),
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(field === undefined ? {} : { field: fieldDocument(field) }),
  };
}

function stepDocument({
  path,
  layer,
  written,
  by,
  origin,
  chosenBy,
  holds,
  ...rest
}: Step): JsonObject {
  return {
    ...(path === undefined ? {} : { path }),
    layer,
    written,
    ...(by === undefined ? {} : { by }),
    ...(chosenBy === undefined ? {} : { chosenBy }),
    ...originDocument(origin),
    holds,
    ...(rest.takesAway === true ? { takesAway: true } : {}),
  };
}

function originDocument(origin: Step["origin"]): JsonObject {
  switch (origin.kind) {
    case "source": {
      const { file, line, column, isKey } = origin;
      return { file, line, column, isKey };
    }
    case "commandLine":
      return { argument: origin.text };
    case "default":
      break;
  }
  return {};
}
