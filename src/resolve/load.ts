/** Loads an experiment module and everything that it imports from its project. */
import { readFileSync, existsSync, realpathSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import {
  definitionData,
  layerData,
  presetGroupData,
  taskData,
  type DefinitionData,
} from "../config/definition.ts";
import { pathStatus } from "./path-status.ts";
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import { undefinedDefault, type UndefinedDefault } from "./missing-export.ts";
import { moduleError, namesIn } from "./module-errors.ts";
import {
  createModuleLoader,
  type ModuleLoader,
  type Seal,
  type SourceFile,
} from "./module-loader.ts";
import type { NamedHook } from "../core/hooks.ts";
import { hookOf, taskHook } from "./hooks.ts";
import { projectLocation } from "./locations.ts";
import { showValue } from "./problems.ts";
import { projectSettings, type ProjectSettings } from "./project-settings.ts";

export interface LoadOptions {
  /** Absolute; what a relative file is relative to. */
  readonly workingDirectory: string;
  /** Held while modules are evaluated. */
  readonly seal?: Seal;
}

export interface LoadedExperiment {
  /** The stem of its file. */
  readonly name: string;
  /** Absolute, with symbolic links resolved. */
  readonly file: string;
  /** Absolute: the folder of the nearest package.json upwards. */
  readonly projectDirectory: string;
  readonly definition: DefinitionData;
  /** What watches its runs, in the order in which it is told: its own hook, its task's, its project's. */
  readonly hooks: readonly NamedHook[];
  /** The tools that show all runs of its project, as a change below all that `definition` writes. */
  readonly tracking: ProjectSettings["tracking"];
  readonly loader: ModuleLoader;
  /** Every project module that was evaluated. */
  readonly sources: readonly SourceFile[];
}

/**
 * Evaluates an experiment module. Asked again, it evaluates the project's modules again.
 * @param file - Absolute, or relative to the working directory.
 * @throws {ExpError} `usage` for a file that cannot be an experiment; `module` for one that cannot be loaded, does not
 *   export a definition, or whose hook (`onEvent`), or the project's, is no function.
 */
export async function loadExperiment(
  file: string,
  options: LoadOptions,
): Promise<LoadedExperiment> {
  const path = experimentFile(file, options.workingDirectory);
  const name = experimentName(path);
  const projectDirectory = findProjectDirectory(path);
  const loader = createModuleLoader(projectDirectory, options.seal);
  const exported = await loader.load(path).catch((error: unknown) => {
    throw moduleError(error, path, projectDirectory);
  });
  const shown = projectLocation(path, projectDirectory);
  const definition = definitionOf(exported, { shown, path });
  const own = [...hookOf(exported, shown), ...taskHook(definition.task)];
  const ofProject = await projectSettings(projectDirectory, loader);
  const hooks = [...own, ...ofProject.hooks];
  const { tracking } = ofProject;
  const sources = loader.sources();
  return { name, file: path, projectDirectory, definition, hooks, tracking, loader, sources };
}

const extensions = new Set([".ts", ".mts", ".cts"]);

function experimentFile(file: string, workingDirectory: string): string {
  const path = resolve(workingDirectory, file);
  const stats = pathStatus(path);
  if (stats === undefined) throw missingFile(file, workingDirectory);
  if (stats.isDirectory()) {
    const names = modulesIn(path, file);
    throw new ExpError("usage", `${file} is a folder, not an experiment.`, {
      hint: names.length === 0 ? "Name a .ts file." : choiceText(names),
    });
  }
  if (extensions.has(extname(path))) return realpathSync(path);
  if (extname(path) === ".json" && isSavedPlan(path)) {
    throw new ExpError("usage", `${file} is a saved plan, not an experiment.`, {
      hint: `exp plan ${file} shows it, exp run ${file} executes it; the other commands take the experiment's .ts file.`,
    });
  }
  throw new ExpError("usage", `${file} is not a TypeScript module.`, {
    hint: "An experiment is a .ts file whose default export comes from defineConfig() or extend().",
  });
}

/** By the beginning of its text: what it holds is looked at by who executes it. */
function isSavedPlan(path: string): boolean {
  try {
    return /^\s*\{\s*"format":\s*"lockstep\/plan\//u.test(readFileSync(path, "utf8"));
  } catch {
    return false; // not to be read: then it is no module either
  }
}

/** The nearest name beside it, or where experiments usually are; else what there is to choose from. */
function missingFile(file: string, workingDirectory: string): ExpError {
  const folder = dirname(file);
  const modules = modulesIn(resolve(workingDirectory, folder), folder);
  const names = new Map(modules.map((path) => [basename(path), path]));
  const meant = nearest(basename(file), [...names.keys()]);
  const wanted = basename(file, extname(file)); // `bert-lr` and `bert-lr.js` are slips too
  const stem = [...names].find(([name]) => basename(name, extname(name)) === wanted)?.[0];
  const hint =
    stem !== undefined || meant !== undefined
      ? `Did you mean ${names.get(stem ?? meant ?? "")}?`
      : modules.length > 0
        ? choiceText(modules)
        : "exp list prints the experiments of the project.";
  return new ExpError("usage", `${file} does not exist.`, { hint });
}

const maxListed = 12;

function choiceText(modules: readonly string[]): string {
  const shown = modules.slice(0, maxListed).join(", ");
  const rest = modules.length > maxListed ? ` and ${modules.length - maxListed} more` : "";
  return `There ${modules.length === 1 ? "is" : "are"} ${shown}${rest}.`;
}

/** Settings of tools, tests and declarations are no experiments. */
const otherModule = /\.(?:config|test|spec|bench|d)\.[cm]?ts$/u;

/** Modules of a folder that may be experiments, else those of its `experiments/`; as they would be typed. */
function modulesIn(path: string, folder: string): readonly string[] {
  for (const below of ["", "experiments"]) {
    const names = namesIn(join(path, below)).filter((name) => {
      return extensions.has(extname(name)) && !otherModule.test(name);
    });
    if (names.length > 0) return names.map((name) => join(folder, below, name));
  }
  return [];
}

/** It is shown and stored, never part of a path: letters of any script are fine, what moves a cursor is not. */
function experimentName(path: string): string {
  return checkedName(basename(path, extname(path)), basename(path));
}

/**
 * The name itself.
 * @param shown - What is named in the error.
 * @throws {ExpError} `usage` for one that no experiment can have.
 */
export function checkedName(name: string, shown: string = JSON.stringify(name)): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._-]{0,99}$/u.test(name)) return name;
  throw new ExpError("usage", `${shown} cannot name an experiment.`, {
    hint: "A name begins with a letter or digit and goes on with those, spaces, “.”, “_” and “-”, at most 100 in all.",
  });
}

/**
 * The folder of the nearest package.json above a file.
 * @throws {ExpError} `usage` where there is none.
 */
export function findProjectDirectory(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder !== dirname(folder)) continue;
    throw new ExpError("usage", `${path} does not belong to a project: no package.json above it.`, {
      hint: "Make one with npm init in the folder of the project.",
    });
  }
}

function undefinedError(reason: UndefinedDefault, file: string, hint: string): ExpError {
  if (reason.kind === "missing") {
    const { name, from, suggestion } = reason.missing;
    const what = name === "default" ? "which has no default export" : "which does not export it";
    const message = `${file}: the default export is ${name === "default" ? "the default" : name} of ${JSON.stringify(from)}, ${what}.`;
    return new ExpError("module", message, {
      hint: suggestion === undefined ? "Correct its name." : `Did you mean ${suggestion}?`,
    });
  }
  const { name } = reason;
  if (reason.kind === "undefined")
    return new ExpError("module", `${file}: the default export, ${name}, is undefined.`, { hint });
  const message = `${file}: the default export, ${name}, is imported from ${JSON.stringify(reason.from)}, which imports this module: neither has anything to give.`;
  return new ExpError("module", message, { hint });
}

function definitionOf(
  exported: Readonly<Record<string, unknown>>,
  { shown: file, path }: { readonly shown: string; readonly path: string },
): DefinitionData {
  const found = exported["default"];
  const definition = definitionData(found);
  if (definition !== undefined) return definition;
  const hint =
    "An experiment ends in: export default defineConfig({ … }), or export default extend(…).";
  if (found !== undefined) {
    const message = `${file}: the default export is ${describeExport(found)}, not a definition.`;
    throw new ExpError("module", message, { hint });
  }
  const reason = "default" in exported ? undefinedDefault(path) : undefined;
  if (reason !== undefined) throw undefinedError(reason, file, hint);
  const names = Object.keys(exported).filter((key) => definitionData(exported[key]) !== undefined);
  const others = names.length === 0 ? "" : ` (it exports a definition as ${names.join(", ")})`;
  throw new ExpError("module", `${file} has no default export${others}.`, { hint });
}

function describeExport(value: unknown): string {
  if (taskData(value) !== undefined) return "a task";
  if (presetGroupData(value) !== undefined) return "a group of presets";
  if (layerData(value) !== undefined) return "a fragment, preset, rule or alias";
  if (value instanceof Promise) return "a promise";
  return typeof value === "object" && value !== null ? "an object" : showValue(value);
}
