/** `exp rerun RUN [overrides…]`: a finished run's config by today's code, after saying what has changed since. */
import { needOwnProcess } from "../../app/backends/run-variables.ts";
import { executePlan } from "../../app/execute-plan.ts";
import { freezePlan } from "../../app/frozen-plan.ts";
import { planRerun } from "../../app/verify/run-again.ts";
import { findStoredRun } from "../../app/verify/stored-run.ts";
import type { Command, Invocation } from "../command.ts";
import { comparisonLines } from "../plan-text.ts";
import type { Session } from "../session.ts";
import { executeAndTell, inWorkers } from "./run.ts";

/** `exp rerun`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<run>", "8 or more digits of a finished run's key, or its folder")
      .argument("[overrides...]", "values to set, such as seed=7; they win over the run's")
      .option("--force", "execute it once more where it is the same run, and compare them");
  },
  run: rerunCommand,
};

async function rerunCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, runsDirectory, json, options } = invocation;
  const { workingDirectory, planContext, stderr } = session;
  const [name = "", ...overrides] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const stored = findStoredRun({ name, workingDirectory, ...folder });
  const { environment } = planContext;
  const { prepared, comparisons } = await planRerun(stored, { overrides, environment });
  const { plan, notes } = prepared;
  for (const [index, comparison] of comparisons.entries()) {
    const which = comparisons.length === 1 ? "" : `, run ${index + 1}`;
    stderr.write(`compared with ${stored.run.runKey.slice(0, 16)}${which}:\n`);
    for (const line of comparisonLines(comparison)) stderr.write(`${line}\n`);
  }
  const flags = { json, onError: "continue", isRepeat: options["force"] === true } as const;
  if (needOwnProcess(plan.runs))
    return executeAndTell(inWorkers(await freezePlan(prepared), 1, session), flags, session);
  return executeAndTell(
    { plan, notes, execute: (settings) => executePlan(prepared, settings) },
    flags,
    session,
  );
}
