/** `exp backend-probe`: loads a compiled backend and tries it. Only `exp` itself starts it. */
import { answerProbe } from "../../app/backends/probe.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { exitStatus } from "../exit-status.ts";

/** `exp backend-probe`. */
export const command: Command = {
  describe: (parser) => {
    parser.argument("[task]", "what to try");
  },
  run: ({ operands: [task] }, { stdout }) => {
    if (task === undefined) {
      throw new ExpError("usage", "exp backend-probe is started by exp itself.", {
        hint: "Use exp backend test native.",
      });
    }
    stdout.write(`${answerProbe(task)}\n`);
    return Promise.resolve(exitStatus.done);
  },
};
