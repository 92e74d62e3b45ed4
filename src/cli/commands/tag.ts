/** `exp tag RUN... +NAME -NAME`: words to find runs by, added and taken away after the run. */
import { tagRuns, type TaggedRun } from "../../app/manage/tag-runs.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { lookupContext } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
Tags are kept beside the run, which itself never changes; tags of its config count as well, and can be taken away from
what is shown. exp runs 'tag = paper' finds the runs of a tag.

Examples:
  exp tag 031a6508 +paper
  exp tag 031a6508 9c1e77a0 +paper -draft
  exp tag 'experiment = bert-lr and validation.accuracy > 94%' +good`;

/** `exp tag`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<run-or-tag...>", "runs (digits of a key, a folder, or a filter), +tag and -tag")
      .addHelpText("after", examples);
  },
  isOperand: (word) => /^-[^-]/u.test(word) && word !== "-h",
  run: tagCommand,
};

async function tagCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands } = invocation;
  const words = operands.filter((word) => !/^[+-]/u.test(word));
  const tagsWith = (sign: string): readonly string[] =>
    operands.filter((word) => word.startsWith(sign)).map((word) => word.slice(1));
  const [add, remove] = [tagsWith("+"), tagsWith("-")];
  if (words.length === 0) throw misused("exp tag: no run is named.");
  if (add.length + remove.length === 0) throw misused("exp tag: no tag is added or taken away.");
  const tagged = tagRuns({ ...lookupContext(invocation, session), words, add, remove });
  const { stdout, stderr } = session;
  if (invocation.json) {
    const runs = tagged.map(({ name, runKey, tags, isChanged }) => {
      return { run: name, runKey, tags: [...tags], changed: isChanged };
    });
    stdout.write(jsonLine({ format: "lockstep/tags/1", runs }));
  } else {
    for (const run of tagged) stdout.write(`${lineOf(run)}\n`);
  }
  const numKept = tagged.filter(({ isChanged }) => !isChanged).length;
  if (numKept > 0) stderr.write(`${numKept} of ${tagged.length} had these tags already.\n`);
  return exitStatus.done;
}

function lineOf({ name, tags }: TaggedRun): string {
  return `${name}  ${tags.length === 0 ? "no tags" : tags.map(printable).join(" ")}`;
}

function misused(message: string): ExpError {
  return new ExpError("usage", message, { hint: "For example: exp tag 031a6508 +paper -draft." });
}
