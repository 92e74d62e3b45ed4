/** `exp index rebuild|check`: the index of the runs, which is a cache. */
import { Argument } from "commander";
import { checkIndex } from "../../app/lookups/check-index.ts";
import { rebuild, storeOf } from "../../app/lookups/open-index.ts";
import { ExpError } from "../../core/errors.ts";
import { formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { lookupContext } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const actions = ["rebuild", "check"] as const;

const notes = `
The index is a cache in .index/ of the runs folder. Look-ups bring it up to date and make it anew by themselves where
it is missing, damaged or of another version; it can be deleted at any time.

Examples:
  exp index rebuild
  exp index check                    exit status 1 where it says something else than the files`;

/** `exp index`. */
export const command: Command = {
  describe(parser) {
    const action = new Argument(
      "<action>",
      "rebuild makes it anew, check holds it against the files",
    );
    parser
      .addArgument(action.choices(actions).argParser((text) => text))
      .addHelpText("after", notes);
  },
  run: indexCommand,
};

async function indexCommand(invocation: Invocation, session: Session): Promise<number> {
  const [word = ""] = invocation.operands;
  if (word === "rebuild") return rebuildCommand(invocation, session);
  if (word === "check") return checkCommand(invocation, session);
  throw new ExpError("usage", `exp index: there is no ${JSON.stringify(word)}.`, {
    hint: `There are ${actions.join(" and ")}.`,
  });
}

async function rebuildCommand(invocation: Invocation, session: Session): Promise<number> {
  const context = lookupContext(invocation, session);
  const { numRuns, numDamaged } = rebuild(context);
  const { stdout, workingDirectory } = session;
  const directory = relativePath(storeOf(context), workingDirectory);
  if (invocation.json) {
    stdout.write(
      jsonLine({
        format: "lockstep/index-rebuild/1",
        directory,
        runs: numRuns,
        damaged: numDamaged,
      }),
    );
  } else {
    const damaged = numDamaged === 0 ? "" : `; ${formatCount(numDamaged)} cannot be read`;
    stdout.write(`The index of ${directory} has ${formatCount(numRuns)} runs${damaged}.\n`);
  }
  return exitStatus.done;
}

async function checkCommand(invocation: Invocation, session: Session): Promise<number> {
  const { store, numRuns, differing, damaged } = checkIndex(lookupContext(invocation, session));
  const { stdout, workingDirectory } = session;
  const directory = relativePath(store, workingDirectory);
  if (invocation.json) {
    const document = {
      format: "lockstep/index-check/1",
      directory,
      runs: numRuns,
      differing,
      damaged: damaged.map((one) => ({ ...one })),
    };
    stdout.write(jsonLine(document));
  } else {
    for (const name of differing) stdout.write(`${name} is indexed otherwise than its files say\n`);
    for (const { name, reason } of damaged)
      stdout.write(`${name} cannot be read: ${printable(reason)}\n`);
    const verdict =
      differing.length === 0 ? "agrees with its files" : "differs; exp index rebuild makes it anew";
    stdout.write(`The index of ${directory} (${formatCount(numRuns)} runs) ${verdict}.\n`);
  }
  return differing.length === 0 ? exitStatus.done : exitStatus.failed;
}
