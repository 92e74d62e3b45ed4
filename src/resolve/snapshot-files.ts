/**
 * Which files make a snapshot of the code complete: the modules that were evaluated, what the task's bundle reached, what
 * tells how they are compiled, and Lockstep itself where it is not an installed package. Each lies in the snapshot as it
 * lies on disk, relative to the nearest folder that holds them all, so that their imports of each other still hold.
 */
import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { installerSettings, lockFileNames } from "../core/lock-file-names.ts";
import type { CodeIdentity } from "./code-identity.ts";
import { projectLocation } from "./locations.ts";
import { findLockstep, findPackage, isLinked } from "./packages.ts";
import { readable } from "./readable.ts";
import type { Resolution } from "./resolve.ts";

/** How a snapshot is laid out; a type, so that it is JSON data. All paths are relative to its tree. */
export type SnapshotLayout = {
  /** The project's folder: `.` unless something outside of it belongs to the code. */
  readonly project: string;
  /** The experiment's module. */
  readonly file: string;
  /** The modules from which the code identity is built. */
  readonly code: readonly string[];
  /** Folders named `node_modules` that packages are found in. */
  readonly packages: readonly string[];
  /** Folder of Lockstep's own sources; `null` where it is an installed package. */
  readonly lockstep: string | null;
};

export interface SnapshotFiles {
  readonly layout: SnapshotLayout;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

/**
 * The snapshot of an experiment and the code of its task.
 * @param ownRoot - Folder of the Lockstep that runs now, for experiments that do not find one of their own.
 * @throws {ExpError} `module` when a module changed since it was evaluated, or cannot be reached from the project.
 */
export function snapshotFiles(
  resolution: Pick<Resolution, "file" | "projectDirectory" | "sources"> & {
    readonly task: Pick<Resolution["task"], "code">;
  },
  code: Pick<CodeIdentity, "files">,
  ownRoot: string,
): SnapshotFiles {
  const project = realpathSync(resolution.projectDirectory);
  const evaluated = resolution.sources.map((source) => unchanged(source, project));
  const lockstep = lockstepRoot(resolution.file, ownRoot);
  const isOwn = isLinked(lockstep);
  const own = isOwn ? ["src", "schemas"].flatMap((name) => filesBelow(join(lockstep, name))) : [];
  const sources = new Set([...evaluated, ...code.files, ...own].filter(isKept));
  const folders = new Set([project, ...[...sources].map(dirname)]);
  const packages = foldersAbove(folders, "node_modules");
  const settings = [
    ...foldersAbove(folders, "package.json", packageRootsOf(folders)),
    ...compilerSettings(folders),
    ...lockFiles(project),
  ];
  const files = [...new Set([...sources, ...settings])];
  const base = commonFolder([project, ...files.map(dirname), ...packages.map(dirname)]);
  const at = (path: string): string => relative(base, path).split(sep).join("/") || ".";
  const kept = files.map((file) => ({
    path: at(file),
    bytes: readable(file, () => readFileSync(file)),
  }));
  const entries = resolution.task.code.map((file) => codeEntry(realpathSync(file), project));
  return {
    layout: {
      project: at(project),
      file: at(realpathSync(resolution.file)),
      code: entries.map(at),
      packages: packages.map(at),
      lockstep: isOwn ? at(lockstep) : null,
    },
    files: [...kept, ...stopFile(kept)],
  };
}

/** Files of installed packages are reached through `node_modules`, as they are in the project. */
function isKept(file: string): boolean {
  return isLinked(file) && existsSync(file);
}

function unchanged(
  { path, sha256: digest }: Resolution["sources"][number],
  project: string,
): string {
  const file = resolve(project, path);
  // As the loader reads it: a byte that is no UTF-8 is U+FFFD.
  if (existsSync(file) && sha256(readable(file, () => readFileSync(file)).toString()) === digest)
    return realpathSync(file);
  throw new ExpError("module", `${path} changed while the plan was made.`, {
    hint: "Nothing was executed. Run the same command again.",
  });
}

/**
 * The folder of the Lockstep that an experiment imports.
 * @param ownRoot - Of the Lockstep that runs now.
 */
export function lockstepRoot(file: string, ownRoot: string): string {
  return findLockstep(file) ?? ownRoot; // its task may come from a package that brings Lockstep along
}

function filesBelow(folder: string): readonly string[] {
  const entries = readable(folder, () => readdirSync(folder, { withFileTypes: true }));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() && !entry.name.endsWith(".md") ? [path] : [];
  });
}

/** What lies under a name in the folders and above them, up to the first of `roots`, else to the top. */
function foldersAbove(
  folders: ReadonlySet<string>,
  name: string,
  roots: ReadonlySet<string> = new Set(),
): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  for (const start of folders) {
    for (let folder = start; !seen.has(folder); folder = dirname(folder)) {
      seen.add(folder);
      if (existsSync(join(folder, name))) found.add(join(folder, name));
      if (roots.has(folder)) break;
    }
  }
  return [...found];
}

/** The lock files of the project, or of the workspace that it is in: for whoever installs its packages again. */
function lockFiles(project: string): readonly string[] {
  for (let folder = project; existsSync(join(folder, "package.json")); folder = dirname(folder)) {
    const present = (names: readonly string[]): readonly string[] =>
      names.map((name) => join(folder, name)).filter((path) => existsSync(path));
    const found = present(lockFileNames);
    if (found.length > 0) return [...found, ...present(installerSettings)];
  }
  return [];
}

function packageRootsOf(folders: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    [...folders].map((start) => {
      let folder = start;
      while (!existsSync(join(folder, "package.json")) && folder !== dirname(folder)) {
        folder = dirname(folder);
      }
      return folder;
    }),
  );
}

/** The nearest `tsconfig.json` of each folder, with all that it extends by a relative path. */
function compilerSettings(folders: ReadonlySet<string>): readonly string[] {
  const pending = [...folders].flatMap((start) => {
    for (let folder = start; ; folder = dirname(folder)) {
      const file = join(folder, "tsconfig.json");
      if (existsSync(file)) return [file];
      if (folder === dirname(folder)) return [];
    }
  });
  const found = new Set<string>();
  for (const file of pending) {
    if (found.has(file)) continue;
    found.add(file);
    pending.push(...extendedBy(file));
  }
  return [...found];
}

/** Both forms of `extends`, a text and a list; the file may have comments, so it is not parsed as JSON. */
function extendedBy(file: string): readonly string[] {
  const [, written = ""] =
    /"extends"\s*:\s*("[^"]*"|\[[^\]]*\])/u.exec(
      readable(file, () => readFileSync(file)).toString(),
    ) ?? [];
  return [...written.matchAll(/"(\.[^"]*)"/gu)].flatMap(([, path = ""]) => {
    const base = resolve(dirname(file), path);
    return [base, `${base}.json`]
      .filter((candidate) => candidate.endsWith(".json") && existsSync(candidate))
      .slice(0, 1);
  });
}

/** Without one, compilers would look for settings above the snapshot: in the working tree. */
function stopFile(files: SnapshotFiles["files"]): SnapshotFiles["files"] {
  const isThere = files.some(({ path }) => path === "tsconfig.json");
  return isThere ? [] : [{ path: "tsconfig.json", bytes: Buffer.from("{}\n") }];
}

function commonFolder(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    let base = common;
    while (folder !== base && !folder.startsWith(base.endsWith(sep) ? base : base + sep)) {
      base = dirname(base);
    }
    return base;
  });
}

/** An entry inside an installed package, by the way that leads there from the project. */
function codeEntry(file: string, project: string): string {
  if (isLinked(file)) return file;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const name = packageNameIn(folder);
    if (name === undefined) continue;
    if (findPackage(name, project) !== folder) break;
    return join(packageLink(name, project), relative(folder, file));
  }
  const shown = projectLocation(file, project);
  throw new ExpError("module", `The task's code ${shown} is in no package that the project has.`, {
    hint: "Add the package that defines the task to the project's own dependencies.",
  });
}

/** Where `findPackage` found a package, links not followed. */
function packageLink(name: string, from: string): string {
  let folder = from;
  while (!existsSync(join(folder, "node_modules", name, "package.json"))) folder = dirname(folder);
  return join(folder, "node_modules", name);
}

function packageNameIn(folder: string): string | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const { name } = JSON.parse(readable(file, () => readFileSync(file)).toString()) as {
    name?: unknown;
  };
  return typeof name === "string" ? name : undefined;
}
