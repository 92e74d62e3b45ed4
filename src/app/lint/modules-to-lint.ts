/** Which modules `exp lint` tells of. */
import { existsSync, realpathSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { SourceModule, SourceModules } from "../../diff/source/modules.ts";
import { importsOf } from "../../lint/imports.ts";
import type { FullSettings } from "../../lint/settings.ts";
import { findModules } from "../../resolve/list-experiments.ts";
import { pathStatus } from "../../resolve/path-status.ts";

export interface ModuleRequest {
  /** Absolute. */
  readonly workingDirectory: string;
  /** Absolute, links resolved: the project. */
  readonly root: string;
  readonly modules: SourceModules;
  readonly settings: FullSettings;
  /** Files and folders, as typed. */
  readonly files: readonly string[];
}

/**
 * The modules that are named; else those of the folders of the settings; else those of `experiments/` with everything of the
 * project that they import.
 * @throws {ExpError} `usage` for what is no module or folder of the project, and where there is no module at all: a look
 *   at nothing must not pass.
 */
export function modulesToLint(request: ModuleRequest): readonly SourceModule[] {
  const { files, modules } = request;
  const named = files.length > 0;
  const paths = named ? files.flatMap((file) => namedModules(file, request)) : ownModules(request);
  const found = [...new Set(paths)].flatMap((path) => modules.module(path) ?? []);
  if (found.length === 0) {
    throw new ExpError(
      "usage",
      `There is no module in ${named ? files.join(", ") : "experiments"}.`,
      {
        hint: "Name files or folders of the project that hold .ts modules.",
      },
    );
  }
  const isExact = named || request.settings.folders !== undefined;
  return isExact ? found : importsOf(modules, found);
}

function ownModules({ root, settings }: ModuleRequest): readonly string[] {
  if (settings.folders !== undefined) {
    return settings.folders.flatMap((folder) => {
      if (pathStatus(join(root, folder))?.isDirectory() === true) return modulesIn(root, folder);
      throw new ExpError("usage", `${folder} is no folder of the project.`, {
        hint: "Correct lint.folders in lockstep.config.ts.",
      });
    });
  }
  return modulesIn(root, existsSync(join(root, "experiments")) ? "experiments" : ".");
}

function modulesIn(root: string, folder: string): readonly string[] {
  return findModules(resolve(root, folder)).map((file) => slashed(relative(root, file)));
}

function namedModules(file: string, { workingDirectory, root }: ModuleRequest): readonly string[] {
  const typed = resolve(workingDirectory, file);
  const status = pathStatus(typed);
  if (status === undefined) {
    throw new ExpError("usage", `${file} does not exist.`, {
      hint: "Name modules and folders of the project, or none for its experiments.",
    });
  }
  const path = slashed(relative(root, realpathSync(typed)));
  if (path.startsWith("..")) {
    throw new ExpError("usage", `${file} lies outside of the project.`, {
      hint: "Call exp lint in the folder of its own project.",
    });
  }
  if (status.isDirectory()) return modulesIn(root, path);
  if (/\.[cm]?ts$/u.test(path)) return [path];
  throw new ExpError("usage", `${file} is not a TypeScript module.`, {
    hint: "exp lint reads .ts files.",
  });
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}
