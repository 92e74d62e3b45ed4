/** `exp backend-probe`: loads a compiled backend and tries it. Only `exp` itself starts it. */
import { answerProbe } from "../../app/backends/probe.ts";
import { answerSelfTest, type SelfTestTask } from "../../app/backends/self-tests.ts";
import { ExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson } from "../../core/json.ts";
import type { Command } from "../command.ts";
import { exitStatus } from "../exit-status.ts";

/** `exp backend-probe`. */
export const command: Command = {
  describe: (parser) => {
    parser.argument("[task]", "what to try");
  },
  run: async ({ operands: [task] }, { stdout }) => {
    if (task === undefined) {
      throw new ExpError("usage", "exp backend-probe is started by exp itself.", {
        hint: "Use exp backend test native.",
      });
    }
    const asked = parseJson(task);
    const isSelfTest = isPlainObject(asked) && "selfTest" in asked;
    stdout.write(
      `${isSelfTest ? await answerSelfTest(asked as SelfTestTask) : answerProbe(task)}\n`,
    );
    return exitStatus.done;
  },
};
