/** `exp note RUN TEXT`: a note beside a run. */
import { meantRuns } from "../../app/manage/meant-runs.ts";
import { noteRun } from "../../app/manage/tag-runs.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { editText } from "../editor.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { lookupContext } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
Notes are kept beside the run, which itself never changes. Without a text, $VISUAL or $EDITOR is opened.
exp runs 'note ~ overfits' finds runs by their notes, exp show RUN shows them.

Examples:
  exp note 031a6508 "overfits after epoch 3"
  exp note 031a6508`;

/** `exp note`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<run>", "8 or more digits of a run's key, or its folder")
      .argument("[text...]", "what to note; without it an editor is opened")
      .addHelpText("after", examples);
  },
  run: noteCommand,
};

async function noteCommand(invocation: Invocation, session: Session): Promise<number> {
  const [name = "", ...words] = invocation.operands;
  const context = lookupContext(invocation, session);
  const [run, another] = meantRuns(context, [name]);
  if (run === undefined || another !== undefined) {
    throw new ExpError("usage", `exp note: ${name} means several runs; a note is about one.`);
  }
  const title = `${run.name} ${String(run.facts["experiment"] ?? "")}`.trimEnd();
  const help = [
    `A note about the run ${printable(title)}.`,
    "Lines that begin with # are left out; an empty note is not kept.",
  ];
  const text = words.length > 0 ? words.join(" ") : editText(session, help);
  const noted = noteRun(context, run, text);
  const { stdout, stderr, workingDirectory } = session;
  if (invocation.json) {
    const document = { format: "lockstep/note/1", run: run.name, runKey: run.runKey };
    const file = relativePath(noted.file, workingDirectory);
    stdout.write(jsonLine({ ...document, text: noted.text, file }));
  } else {
    stderr.write(`Noted about ${printable(title)}.\n`);
  }
  return exitStatus.done;
}
