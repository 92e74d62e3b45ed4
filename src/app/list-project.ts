/** What a project offers: its experiments, and the presets and profiles that the command line may name. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { PatchLayerData } from "../config/definition.ts";
import { pathStatus } from "../resolve/path-status.ts";
import { ExpError } from "../core/errors.ts";
import { sealAmbient } from "../random/seal.ts";
import { docBefore } from "../resolve/doc-comments.ts";
import { createKeyFinder } from "../resolve/find-key.ts";
import { findExperiments, type FoundExperiment } from "../resolve/list-experiments.ts";
import { loadParser } from "../resolve/load-parser.ts";
import { createModuleLoader } from "../resolve/module-loader.ts";
import { parseModule } from "../resolve/parsed-module.ts";
import { readPresets, type PresetGroup } from "../resolve/presets.ts";
import { writtenText } from "../resolve/written-text.ts";
import { valueAt } from "../core/path.ts";

/** One experiment of a project. */
export type ListedExperiment = FoundExperiment;

/** The presets of one path, or one group of profiles. */
export interface ListedGroup {
  readonly kind: "presets" | "profiles";
  /** The name of the task that they are for. */
  readonly task: string;
  /** What stands before the `=`. */
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  readonly choices: readonly ListedChoice[];
}

export interface ListedChoice {
  readonly name: string;
  /** The doc comment before its key. */
  readonly doc?: string;
  /** What it sets, on one line. */
  readonly written: string;
}

/**
 * The experiments of the project around a folder: those in its `experiments/`, or everywhere in it where it has none.
 * @param folder - Where to look instead; absolute or relative to the working directory.
 * @throws {ExpError} `usage` for a folder that does not exist, or where there is no project.
 */
export async function listExperiments(
  workingDirectory: string,
  folder?: string,
): Promise<readonly ListedExperiment[]> {
  const root =
    folder === undefined ? experimentsFolder(workingDirectory) : resolve(workingDirectory, folder);
  if (pathStatus(root)?.isDirectory() !== true) {
    throw new ExpError("usage", `${folder ?? root} is not a folder.`, {
      hint: "Name a folder that holds experiments, or none for those of the project.",
    });
  }
  return findExperiments(await requiredParser(), root);
}

/** The folder of a project's experiments. */
function experimentsFolder(workingDirectory: string): string {
  const project = projectDirectory(workingDirectory);
  const folder = join(project, "experiments");
  return existsSync(folder) ? folder : project;
}

/**
 * The folder of the nearest package.json upwards.
 * @throws {ExpError} `usage` where there is none.
 */
export function projectDirectory(workingDirectory: string): string {
  for (let folder = workingDirectory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder !== dirname(folder)) continue;
    throw new ExpError(
      "usage",
      `${workingDirectory} does not belong to a project: no package.json above it.`,
      {
        hint: "exp init makes a project in an empty folder.",
      },
    );
  }
}

/**
 * The presets and profiles beside an experiment, or beside those of the project where no file is given.
 * @throws {ExpError} `module` for a presets module that cannot be loaded.
 */
export async function listPresets(
  workingDirectory: string,
  file?: string,
): Promise<readonly ListedGroup[]> {
  const beside =
    file === undefined
      ? join(experimentsFolder(workingDirectory), "any.ts")
      : resolve(workingDirectory, file);
  if (file !== undefined && !existsSync(beside)) {
    throw new ExpError("usage", `${file} does not exist.`, {
      hint: "Name an experiment, or none for the presets of the project.",
    });
  }
  const project = projectDirectory(dirname(beside));
  const loader = createModuleLoader(project, sealAmbient);
  const groups = await readPresets({ file: beside, projectDirectory: project, loader });
  const parser = await loadParser();
  const texts = new Map(loader.sources().map(({ path, text }) => [join(project, path), text]));
  const docOf = parser === undefined ? () => undefined : presetDocs(parser, texts);
  return groups.map((group) => listedGroup(group, docOf));
}

type DocOf = (preset: PatchLayerData) => string | undefined;

/** The doc comment before a preset's own key. */
function presetDocs(parser: Parser, texts: ReadonlyMap<string, string>): DocOf {
  const finder = createKeyFinder(parser, (file) => texts.get(file));
  return ({ call, literal }) => {
    const found = finder.find(call, literal, literal.path);
    const text = found?.isKey === true ? texts.get(found.file) : undefined;
    if (found === undefined || text === undefined) return undefined;
    const module = parseModule(parser, found.file, text);
    return docBefore(module, (module.lineStarts[found.line - 1] ?? 0) + found.column - 1);
  };
}

function listedGroup({ kind, task, name, file, presets }: PresetGroup, docOf: DocOf): ListedGroup {
  const choices = [...presets].map(([choice, preset]): ListedChoice => {
    const doc = docOf(preset);
    const written = writtenText(valueAt(preset.patch, preset.literal.path));
    return { name: choice, written, ...(doc === undefined ? {} : { doc }) };
  });
  return { kind, task, name, file, choices };
}

type Parser = NonNullable<Awaited<ReturnType<typeof loadParser>>>;

async function requiredParser(): Promise<Parser> {
  const parser = await loadParser();
  if (parser !== undefined) return parser;
  throw new ExpError(
    "environment",
    "The parser of TypeScript (oxc-parser) cannot run on this machine.",
    {
      hint: "Install the project again with its optional dependencies.",
    },
  );
}
