/** From the words behind a command to what planning takes. */
import type { PlanRequest } from "../app/plan-experiment.ts";
import type { Invocation } from "./command.ts";
import type { Session } from "./session.ts";

/** The request for `FILE [overrides…]`; the command's description makes sure that there is a file. */
export function planRequest(
  { operands, runsDirectory }: Invocation,
  session: Session,
): PlanRequest {
  const [file = "", ...overrides] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  return { file, overrides, ...folder, ...session.planContext };
}
