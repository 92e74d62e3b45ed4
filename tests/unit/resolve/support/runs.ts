/** The runs of a definition in a form that tests compare. */
import { problemsOf, resolveWith } from "./small-task.ts";

/** What tells each run from the others, one line a run. Fails where anything is wrong. */
export function linesOf(definition: object, overrides: readonly string[] = []): string[] {
  const { runs, problems } = resolveWith(definition, overrides);
  if (problems.length > 0) throw new Error(problemsOf(definition, overrides).join("\n"));
  return runs.map(({ axisValues }) =>
    Object.entries(axisValues)
      .map(
        ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
      )
      .join(" "),
  );
}

/** The configs of all runs, in order, as text without what the tests leave alone. */
export function configsOf(definition: object, overrides: readonly string[] = []): string[] {
  return resolveWith(definition, overrides).runs.map(({ config }) => JSON.stringify(config));
}
