/** An experiment whose definition was handed over by code: it has no module of its own that could be loaded. */
import { existsSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, join } from "node:path";
import type { DefinitionData } from "../config/definition.ts";
import { isUserFile } from "../core/user-files.ts";
import { taskHook } from "./hooks.ts";
import { checkedName, findProjectDirectory, type LoadedExperiment } from "./load.ts";
import { createModuleLoader, readSource, type Seal } from "./module-loader.ts";

export interface GivenRequest {
  /** Name of the experiment; by default the stem of the file in which the definition was made. */
  readonly name?: string;
  /** Absolute; stands for the file where the definition was made in none. */
  readonly workingDirectory: string;
  readonly seal?: Seal;
}

/**
 * The experiment of a definition. Its project is that of the file in which `defineConfig` or `extend` was called, and
 * presets are looked for beside that file; its sources are the files in which its layers were written.
 * @throws {ExpError} `usage` for a name that no experiment can have, and for a file that belongs to no project.
 */
export function givenExperiment(
  definition: DefinitionData,
  { name, workingDirectory, seal }: GivenRequest,
): LoadedExperiment {
  const made = definition.call?.file ?? "";
  const isFile = isAbsolute(made) && existsSync(made) && statSync(made).isFile();
  const file = isFile ? made : join(workingDirectory, `${name ?? "definition"}.ts`);
  const projectDirectory = findProjectDirectory(file);
  const loader = createModuleLoader(projectDirectory, seal, { keepsModules: true });
  const written = new Set([made, ...definition.layers.map(({ call }) => call.file)]);
  const files = [...written].filter((path) => isUserFile(path) && existsSync(path)).sort();
  const own = files.map((path) => readSource(path, projectDirectory));
  const sources = (): LoadedExperiment["sources"] => {
    const byPath = new Map([...own, ...loader.sources()].map((source) => [source.path, source]));
    return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  };
  return {
    name: checkedName(name ?? basename(file, extname(file))),
    file,
    projectDirectory,
    definition,
    hooks: taskHook(definition.task),
    tracking: undefined,
    loader: { load: (path) => loader.load(path), sources },
    sources: sources(),
  };
}
