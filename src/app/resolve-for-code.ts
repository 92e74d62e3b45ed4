/** Resolving for scripts and tests: the resolution without what is Lockstep's own. */
import type { JsonObject } from "../core/json.ts";
import { sealAmbient } from "../random/seal.ts";
import { provenance } from "../resolve/provenance.ts";
import { resolveExperiment } from "../resolve/resolve.ts";
import type { ResolvedExperiment } from "./api/resolve.ts";
import type { SourceRequest } from "./api/source.ts";

/**
 * Resolves an experiment.
 * @throws {ExpError} as `resolveExperiment` does.
 */
export async function resolveForCode(
  request: SourceRequest,
): Promise<ResolvedExperiment<JsonObject>> {
  const resolution = await resolveExperiment({ ...request, seal: sealAmbient });
  const { experiment, file, projectDirectory, task, axes, notes } = resolution;
  const runs = resolution.runs.map((run) => {
    const { config, configHash, groupHash, axisValues, identityText } = run;
    const explain = async (): Promise<Record<string, readonly JsonObject[]>> => {
      const { values } = await provenance(run, resolution);
      return values as Record<string, JsonObject[]>; // its format says so
    };
    return { config, configHash, groupHash, axisValues, identityText, explain };
  });
  return { experiment, file, projectDirectory, task: task.name, axes, runs, notes };
}
