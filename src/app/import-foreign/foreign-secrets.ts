/** What of imported runs looks like a secret. */
import type { JsonObject } from "../../core/json.ts";
import { scrub, scrubValue } from "../../core/secrets.ts";
import { redactArguments } from "../../store/redact-arguments.ts";
import { maskConfig } from "../../store/redact-config.ts";
import type { FoundRun, FoundRuns } from "./found-runs.ts";

/** The runs with `[redacted]` in the place of what looks like a secret, and a sentence that says of how many it was. */
export function withoutSecrets({ runs, warnings }: FoundRuns): FoundRuns {
  const paths = new Set<string>();
  const masked = runs.map((run): FoundRun => {
    const config = maskConfig(scrubValue(run.config), (path) => paths.add(path)) as JsonObject; // of the same shape
    const mask = (text: string, place: string): string => {
      const [shown = ""] = redactArguments([scrub(text)]); // a tag may be `name=value`
      if (shown !== text) paths.add(place);
      return shown;
    };
    const { name, experiment, tags } = run;
    return {
      ...run,
      config,
      experiment: mask(experiment, "experiment"),
      tags: tags.map((tag) => mask(tag, "tags")),
      ...(name === undefined ? {} : { name: mask(name, "name") }),
    };
  });
  if (paths.size === 0) return { runs, warnings };
  const shown = [...paths].slice(0, 5).join(", ");
  const more = paths.size > 5 ? `, and ${paths.size - 5} more` : "";
  return {
    runs: masked,
    warnings: [
      ...warnings,
      `${shown}${more}: the values look like secrets and are [redacted] here; the source still holds them`,
    ],
  };
}
