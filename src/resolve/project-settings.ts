/** What `lockstep.config.ts` says of all runs of a project: the hook that watches them, and the tools that show them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallSite } from "../config/call-site.ts";
import type { DefinitionData, PatchLayerData } from "../config/definition.ts";
import { patchLayer } from "../config/record-layers.ts";
import type { NamedHook } from "../core/hooks.ts";
import { hookOf } from "./hooks.ts";
import { moduleError } from "./module-errors.ts";
import type { ModuleLoader } from "./module-loader.ts";
import { createSchemaView } from "./schema-view.ts";

/** Their parts that concern runs are loaded where runs are resolved; what else they hold is read and never run. */
const settingsFile = "lockstep.config.ts";

/** What the settings say. */
export interface ProjectSettings {
  readonly hooks: readonly NamedHook[];
  /** The field `tracking` as a change that lies below all that an experiment writes. */
  readonly tracking: PatchLayerData | undefined;
}

/**
 * The settings of a project; the module is evaluated only where it names one of them at all.
 * @param projectDirectory - Absolute.
 * @throws {ExpError} `module` where it cannot be loaded, or its hook is no function; `config` for tools that no config can
 *   hold.
 */
export async function projectSettings(
  projectDirectory: string,
  loader: Pick<ModuleLoader, "load">,
): Promise<ProjectSettings> {
  const path = join(projectDirectory, settingsFile);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (!/\b(?:onEvent|tracking)\b/u.test(text)) return { hooks: [], tracking: undefined };
  const exported = await loader.load(path).catch((error: unknown) => {
    throw moduleError(error, path, projectDirectory);
  });
  const hooks = hookOf(exported, settingsFile);
  const { tracking } = exported;
  if (tracking === undefined) return { hooks, tracking };
  const call = placeOf(path, text);
  return { hooks, tracking: patchLayer({ tracking }, { label: settingsFile, call, argument: 0 }) };
}

/** The definition of an experiment above the settings of its project; a task without the field `tracking` has none. */
export function aboveSettings(
  definition: DefinitionData,
  { tracking }: Pick<ProjectSettings, "tracking">,
): DefinitionData {
  const field = createSchemaView(definition.task.schema).fields().get("tracking");
  if (tracking === undefined || field?.facts.mark !== "operation") return definition;
  return { ...definition, layers: [tracking, ...definition.layers] };
}

/** Where the name stands first at the beginning of a line, as an export does. */
function placeOf(file: string, text: string): CallSite {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => /^\s*export\b.*\btracking\b/u.test(line));
  const column = Math.max(0, (lines[index] ?? "").indexOf("tracking"));
  return { file, line: Math.max(0, index) + 1, column: column + 1 };
}
