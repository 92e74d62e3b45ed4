/** The error of a config with everything that is wrong with it, each issue with its line. */
import { ExpError, formatOrigin, type ConfigIssue } from "../core/errors.ts";
import type { Assignments } from "./assignments.ts";
import { inputLabel } from "./inputs.ts";
import { createOrigins, type Origins, type OriginsRequest } from "./origins.ts";
import type { Problem } from "./problems.ts";

export interface FaultyConfig {
  readonly problems: readonly Problem[];
  readonly assignments: Assignments;
}

/**
 * Looks up the places of all problems.
 * @param experiment - Its name.
 */
export async function configError(
  { problems, assignments }: FaultyConfig,
  { experiment, ...request }: OriginsRequest & { readonly experiment: string },
): Promise<ExpError> {
  const origins = await createOrigins(request);
  const issues = problems.map((problem) => issueOf(problem, origins, assignments));
  const count = issues.length === 1 ? "1 problem" : `${issues.length} problems`;
  return new ExpError("config", `${experiment}: the config has ${count}.`, { issues });
}

function issueOf(
  { place, because, message, ...rest }: Problem,
  origins: Origins,
  assignments: Assignments,
): ConfigIssue {
  const origin = place && origins.ofPlace(place, assignments);
  const input =
    place?.kind === "setter" ? inputLabel(assignments.setter(rest.path)?.value) : undefined;
  const text = input === undefined ? message : `${message} (read from ${input})`;
  const reason = because && formatOrigin(origins.ofPlace(because.place, assignments));
  return {
    ...rest,
    message: because === undefined ? text : `${text} (${because.text} ${reason})`,
    ...(origin === undefined ? {} : { origin }),
  };
}
