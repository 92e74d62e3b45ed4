/** What of a resolved run a comparison looks at. */
import type { Origin } from "../../core/errors.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import type { Path } from "../../core/path.ts";
import type { ConfigRun } from "../../diff/configs.ts";
import { sealAmbient } from "../../random/seal.ts";
import { explainValues } from "../../resolve/explain.ts";
import type { Resolution, ResolvedRun } from "../../resolve/resolve.ts";
import { createSchemaView } from "../../resolve/schema-view.ts";

/** What of a run two sides are compared by. */
export function configFacts({
  config,
  identityText,
  axisValues,
}: Pick<ResolvedRun, "config" | "identityText" | "axisValues">): ConfigRun {
  return { config, identity: identityConfig(identityText), axisValues };
}

/** `config` in the text of an `identity.json`; empty where the text is damaged. */
export function identityConfig(text: string): JsonObject {
  const identity = parseJson(text);
  const config = isPlainObject(identity) ? identity["config"] : undefined;
  return isPlainObject(config) ? (config as JsonObject) : {}; // parsed JSON
}

/** The place that set a value of a run: `experiments/baseline.ts:12`, `seed=7`, `default`. */
export async function originIn(
  { task, projectDirectory, sources }: Resolution,
  run: ResolvedRun,
  path: Path,
): Promise<string | undefined> {
  const view = createSchemaView(task.schema);
  const scope = { projectDirectory, sources, run, view, seal: sealAmbient };
  const stories = await explainValues(scope, [path]);
  const step = stories[0]?.steps.findLast(({ holds }) => holds);
  return step === undefined ? undefined : originText(step.origin);
}

function originText(origin: Origin): string {
  switch (origin.kind) {
    case "source":
      return `${origin.file}:${String(origin.line)}`;
    case "commandLine":
      return origin.text;
    case "default":
      return "default";
  }
}
