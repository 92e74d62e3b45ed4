/** The two sides of a comparison of sources: a revision or the working tree. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { diffSources, type SourceDiff, type SourceSide } from "../../diff/source/diff-sources.ts";
import { sourceModules } from "../../diff/source/modules.ts";
import { withFiles } from "../../diff/source/with-files.ts";
import { findModules, isListed } from "../../resolve/list-experiments.ts";
import { projectDirectory } from "../list-project.ts";
import { readModules, readRevision, repositoryAround } from "./git-files.ts";

/** Where modules are read from. */
export type SourceTree =
  { readonly kind: "revision"; readonly name: string } | { readonly kind: "working tree" };

export interface SourceRequest {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly before: SourceTree;
  readonly after: SourceTree;
}

/** What the sources of all experiments of the project say differently, files relative to it. Nothing of them is run. */
export async function diffProjectSources(request: SourceRequest): Promise<SourceDiff> {
  const project = projectDirectory(request.workingDirectory);
  const repository = await repositoryAround(project);
  const folder = existsSync(join(project, "experiments")) ? join(project, "experiments") : project;
  const place = { repository, folder: slashed(relative(repository, folder)) };
  const [before, after] = await Promise.all([
    readSide(request.before, place),
    readSide(request.after, place),
  ]);
  return withFiles(diffSources(before, after), fromProject(repository, project));
}

/** A repository's file as it is called from the project's folder, as in every other output. */
function fromProject(repository: string, project: string): (file: string) => string {
  const folder = slashed(relative(repository, project));
  return (file) => (folder === "" ? file : posix.relative(folder, file));
}

/** Two modules, each of a tree. */
export interface ModulesRequest {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly before: NamedModule;
  readonly after: NamedModule;
}

export interface NamedModule {
  readonly tree: SourceTree;
  /** Relative to the working directory; of a revision, also to the repository. */
  readonly file: string;
}

/** What the sources of two experiments say differently, with all that they are made of. Nothing of them is run. */
export async function diffTwoModules({
  workingDirectory,
  before,
  after,
}: ModulesRequest): Promise<SourceDiff> {
  const project = projectDirectory(workingDirectory);
  const isPlain = before.tree.kind !== "revision" && after.tree.kind !== "revision";
  const repository = isPlain ? project : await repositoryAround(project);
  const place = { repository, project, workingDirectory };
  const side = (module: NamedModule): Promise<SourceSide> => moduleSide(module, place);
  const [old, now] = [await side(before), await side(after)];
  const diff = diffSources(old, now, new Map([[old.files[0] ?? "", now.files[0] ?? ""]]));
  // Of two that were named, neither came or went.
  const experiments = { count: 1, added: [], removed: [], common: [] };
  return withFiles({ ...diff, experiments }, fromProject(repository, project));
}

/** Where a path may count from; all absolute. */
export interface PathPlaces {
  readonly repository: string;
  readonly project: string;
  readonly workingDirectory: string;
}

/**
 * What `file` of a revision may be, relative to the repository, the likeliest first: from the working directory, from the
 * repository's top, as git reads it, and from the project's folder.
 */
export function pathsInRevision(
  file: string,
  { repository, project, workingDirectory }: PathPlaces,
): readonly string[] {
  const folders = [workingDirectory, repository, project];
  const paths = folders.map((folder) => slashed(relative(repository, resolve(folder, file))));
  return [...new Set(paths)].filter((path) => !path.startsWith("../"));
}

/** @throws {ExpError} `usage` where the tree has no such module. */
async function moduleSide({ tree, file }: NamedModule, places: PathPlaces): Promise<SourceSide> {
  const { repository } = places;
  for (const path of pathsInRevision(file, places)) {
    const folder = slashed(dirname(path));
    const { modules } = await readSide(tree, { repository, folder: folder === "." ? "" : folder });
    if (modules.module(path) !== undefined) return { modules, files: [path] };
  }
  throw notInTree(tree, file);
}

/** What is said where a tree has no such file. */
export function notInTree(tree: SourceTree, file: string): ExpError {
  const [word, place] =
    tree.kind === "revision"
      ? [`${tree.name}:${file}`, "the revision"]
      : [file, "the working tree"];
  return new ExpError("usage", `${word} is not there: ${place} has no module ${file}.`, {
    hint: "A path counts from the working directory, the repository's top or the project's folder.",
  });
}

interface Place {
  /** Absolute. */
  readonly repository: string;
  /** Of the experiments, relative to the repository. */
  readonly folder: string;
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

async function readSide(tree: SourceTree, { repository, folder }: Place): Promise<SourceSide> {
  if (tree.kind === "revision") {
    const revision = await readRevision(repository, tree.name);
    const texts = await readModules(repository, revision, folder);
    const prefix = folder === "" ? "" : `${folder}/`;
    const files = [...texts.keys()].filter(
      (path) => path.startsWith(prefix) && isListed(path.slice(prefix.length)),
    );
    return { modules: sourceModules((path) => texts.get(path)), files };
  }
  const files = findModules(resolve(repository, folder)).map((file) =>
    slashed(relative(repository, file)),
  );
  return { modules: sourceModules((path) => readFile(repository, path)), files };
}

function readFile(repository: string, path: string): string | undefined {
  if (path.startsWith("..")) return undefined;
  try {
    return readFileSync(join(repository, path), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * `main..HEAD` as its two sides; what is not named behind the dots is the working tree, before them `HEAD`.
 * @returns `undefined` for a word without dots, or with a path in it.
 */
export function parseRange(word: string): Pick<SourceRequest, "before" | "after"> | undefined {
  const match = /^([^:]*?)\.\.(\.?)([^:]*)$/u.exec(word);
  if (match === null || word.includes("/..") || word.startsWith("../")) return undefined;
  const [, from = "", third = "", to = ""] = match;
  if (third !== "") {
    throw new ExpError("usage", `${word} would begin where both branches were one.`, {
      hint: `Write ${from}..${to} for what differs between the two, or $(git merge-base ${from} ${to || "HEAD"})..${to}.`,
    });
  }
  return {
    before: { kind: "revision", name: from === "" ? "HEAD" : from },
    after: to === "" ? { kind: "working tree" } : { kind: "revision", name: to },
  };
}
