/** `exp snapshot`: the resolved config of each experiment in a file beside it, for reviews and for CI. */
import { snapshotDocument, snapshotLines } from "../../app/snapshot/show-snapshots.ts";
import { isStale, takeSnapshots } from "../../app/snapshot/snapshots.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { printable } from "../terminal.ts";
import { timeoutOption } from "../timeout-option.ts";

const examples = `
An experiment that cannot be resolved without values of the command line has no snapshot. Snapshots whose experiment is
gone are removed; with --check they are named, as is every one that is stale, and the exit status is 1.

Examples:
  exp snapshot                              all experiments of the project
  exp snapshot experiments/bert-lr.ts       one of them
  exp snapshot --check                      what CI asks: is each as its experiment resolves now?`;

/** `exp snapshot`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("[files...]", "experiments; default: all of the project")
      .option("--check", "write nothing: exit status 1 where a snapshot is stale")
      .option("--to <folder>", "where snapshots are; default: snapshots/ beside the experiments")
      .addOption(timeoutOption())
      .addHelpText("after", examples);
  },
  run: snapshotCommand,
};

async function snapshotCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, json, runsDirectory } = invocation;
  const { to } = options;
  const states = await takeSnapshots({
    ...session.planContext,
    runsDirectory,
    words: operands,
    isCheck: options["check"] === true,
    timeoutMs: 1000 * Number(options["timeout"]),
    onLine: (line) => session.stderr.write(`${printable(line)}\n`),
    ...(typeof to === "string" && { to }),
  });
  const { stdout } = session;
  const text = { printable, paint: stdout.style.bind(stdout) };
  stdout.write(json ? snapshotDocument(states) : `${snapshotLines(states, text).join("\n")}\n`);
  return states.some(isStale) ? exitStatus.failed : exitStatus.done;
}
