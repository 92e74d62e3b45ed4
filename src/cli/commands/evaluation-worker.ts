/** `exp evaluation-worker`: resolves experiments for its parent. Only `exp` itself starts it, by a channel that it needs. */
import { serveEvaluations } from "../../app/evaluate/serve.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { exitStatus } from "../exit-status.ts";

/** `exp evaluation-worker`. */
export const command: Command = {
  describe: () => undefined,
  run: async () => {
    if (process.send === undefined) {
      throw new ExpError("usage", "exp evaluation-worker is started by exp itself.", {
        hint: "Use exp diff main.. to compare revisions.",
      });
    }
    await serveEvaluations();
    return exitStatus.done;
  },
};
