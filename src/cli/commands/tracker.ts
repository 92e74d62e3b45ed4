/** `exp tracker`: sends runs to other tools while its parent executes them. Only `exp` itself starts it. */
import { serveTracker } from "../../app/track/serve-tracker.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { exitStatus } from "../exit-status.ts";

/** `exp tracker`. */
export const command: Command = {
  describe: () => undefined,
  run: async (_invocation, { planContext }) => {
    if (process.send === undefined) {
      throw new ExpError("usage", "exp tracker is started by exp itself.", {
        hint: 'Say tracking: ["mlflow"] in an experiment, or use exp export.',
      });
    }
    await serveTracker(planContext.environment);
    return exitStatus.done;
  },
};
