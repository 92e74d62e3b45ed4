/** `exp worker`: executes runs that its parent hands over. Only `exp` itself starts it, by a channel that it needs. */
import { executeHandedRuns } from "../../app/worker.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { exitStatus } from "../exit-status.ts";

/** `exp worker`. */
export const command: Command = {
  describe: () => undefined,
  run: async () => {
    if (process.send === undefined) {
      throw new ExpError("usage", "exp worker is started by exp itself.", {
        hint: "Use exp FILE --jobs 4.",
      });
    }
    await executeHandedRuns();
    return exitStatus.done;
  },
};
