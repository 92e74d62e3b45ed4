/** `exp show RUN|FILE`: one run, or the run that made a file of weights. */
import { runDocument } from "../../app/lookups/run-document.ts";
import { showRun, type ShownRun } from "../../app/lookups/show-run.ts";
import { formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { lookupContext } from "../lookup-context.ts";
import { detailLines } from "../run-details.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
Examples:
  exp show 031a6508
  exp show runs/031a65080303b5d3
  exp show mnist                     the newest run of an experiment
  exp show weights.safetensors       a copied checkpoint: which run, config and commit made it`;

/** `exp show`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument(
        "<run>",
        "8 or more digits of a run's key, its folder, its experiment, or a file of a model",
      )
      .addHelpText("after", examples);
  },
  run: showCommand,
};

async function showCommand(invocation: Invocation, session: Session): Promise<number> {
  const [name = ""] = invocation.operands;
  const shown = showRun(lookupContext(invocation, session), name);
  const directory = relativePath(`${shown.store}/${shown.run.directory}`, session.workingDirectory);
  const { stdout, stderr } = session;
  if (shown.numOlder !== undefined && shown.numOlder > 0) {
    const numRuns = formatCount(shown.numOlder + 1);
    stderr.write(`The newest of ${numRuns} runs of ${printable(name)}; exp runs lists them.\n`);
  }
  if (invocation.json) {
    const document = {
      format: "lockstep/run/1",
      ...runDocument(shown.run, directory),
      ...(shown.leftOut !== undefined && { leftOut: { ...shown.leftOut } }),
      beside: besideDocument(shown),
      ...fileOf(shown),
    };
    stdout.write(jsonLine(document));
    return exitStatus.done;
  }
  for (const line of fileLines(shown, name)) stdout.write(`${line}\n`);
  for (const line of detailLines({ ...shown, directory }, stdout)) stdout.write(`${line}\n`);
  return exitStatus.done;
}

function besideDocument({ beside }: ShownRun) {
  const { numDuplicates, conflicts, verifications } = beside;
  const verified = verifications.map(({ verdict, time, signature, part = null }) => {
    return { verdict, part, time, signature };
  });
  return { duplicates: numDuplicates, conflicts: [...conflicts], verifications: verified };
}

function fileOf({ file, others }: ShownRun) {
  return file === undefined ? {} : { file: { ...file, alsoIn: others } };
}

function fileLines({ file, run, others }: ShownRun, name: string): readonly string[] {
  if (file === undefined) return [];
  const also = others.length === 0 ? "" : ` The same bytes are in ${others.join(", ")}.`;
  return [`${name} is ${file.path} of run ${run.name}.${also}`];
}
