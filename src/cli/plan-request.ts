/** From the words behind a command to what planning takes. */
import { Option } from "commander";
import type { PlanRequest } from "../app/plan-experiment.ts";
import { ExpError } from "../core/errors.ts";
import type { Invocation } from "./command.ts";
import type { Session } from "./session.ts";

/** The request for `FILE [overrides…]`; the command's description makes sure that there is a file. */
export function planRequest(
  { operands, runsDirectory, options }: Invocation,
  session: Session,
): PlanRequest {
  const [file = "", ...overrides] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const { only } = options;
  const choice = typeof only === "string" ? { only } : {};
  return { file, overrides, ...folder, ...choice, ...session.planContext };
}

/** `--only KEY`: one run of a sweep by its key. */
export function onlyOption(): Option {
  const what = "leave one run of all, by 8 or more digits of its run key";
  return new Option("--only <key>", what).argParser(keyDigits);
}

/** `--reuse exact|config`: which finished runs stand for planned ones. */
export function reuseOption(): Option {
  const what =
    "take a finished run for a planned one where all is the same, or where the config is: then code, data or environment may be others, which is told";
  return new Option("--reuse <what>", what).choices(["exact", "config"]).default("exact");
}

function keyDigits(text: string): string {
  if (/^[0-9a-f]{8,64}$/u.test(text)) return text;
  const message = `exp: --only takes 8 to 64 digits of a run key, found ${JSON.stringify(text)}.`;
  throw new ExpError("usage", message, { hint: "exp plan FILE --hashes prints the keys." });
}
