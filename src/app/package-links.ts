/**
 * `node_modules` of a snapshot: links to the installed packages of the project, and to the snapshot itself for packages
 * whose sources are in it.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isLinked } from "../resolve/packages.ts";
import type { SnapshotLayout } from "../resolve/snapshot-files.ts";

/**
 * Makes the links that are not there yet, or lead elsewhere.
 * @param tree - The snapshot's files, absolute.
 * @param projectDirectory - Where the project is now, absolute.
 */
export function linkPackages(tree: string, layout: SnapshotLayout, projectDirectory: string): void {
  const up = layout.project === "." ? [] : layout.project.split("/").map(() => "..");
  const base = resolve(projectDirectory, ...up);
  if (isReached(tree, layout, base)) return;
  for (const folder of layout.packages) {
    const live = join(base, folder);
    if (existsSync(live)) linkFolder(live, join(tree, folder), { tree, base });
  }
}

/**
 * Whether Node finds the packages by itself: the store lies in the project, and packages lie in one folder above both.
 * Links are left out then, because programs that go through all folders of the store may follow them.
 */
function isReached(tree: string, { packages, lockstep }: SnapshotLayout, base: string): boolean {
  const [only, ...others] = packages.map((folder) => join(base, folder));
  if (only === undefined) return true;
  if (others.length > 0 || lockstep !== null || hasLinked(only)) return false;
  for (let folder = tree; folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, "node_modules");
    if (existsSync(found)) return found === only;
  }
  return false;
}

/** A package whose sources may be in the snapshot. */
function hasLinked(folder: string): boolean {
  return packagesIn(folder).some((name) => {
    const path = join(folder, name);
    return existsSync(path) && isLinked(realpathSync(path));
  });
}

/**
 * Where a module of the code lies: in the tree, or in an installed package, which Node finds from there upwards.
 * @param entry - Of `layout.code`.
 */
export function codeFile(tree: string, entry: string): string {
  const direct = join(tree, entry);
  const start = entry.lastIndexOf("node_modules/");
  if (start === -1 || existsSync(direct)) return direct;
  const inPackages = entry.slice(start);
  for (let folder = join(tree, entry.slice(0, start)); ; folder = dirname(folder)) {
    const file = join(folder, inPackages);
    if (existsSync(file) || folder === dirname(folder)) return file;
  }
}

interface Roots {
  readonly tree: string;
  /** The folder on disk that the tree is an image of. */
  readonly base: string;
}

/** One link where every package is an installed one, else a link for each package. */
function linkFolder(live: string, link: string, roots: Roots): void {
  mkdirSync(dirname(link), { recursive: true });
  const packages = packagesIn(live);
  const targets = packages.map((name) => [name, targetOf(join(live, name), roots)] as const);
  if (targets.every(([name, target]) => target === join(live, name))) return ensureLink(live, link);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(link);
  for (const [name, target] of targets) {
    const own = join(link, name);
    mkdirSync(dirname(own), { recursive: true });
    ensureLink(target, own);
  }
}

/** Names of packages; none where nothing is installed: what the code misses then, Node says itself. */
function packagesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(folder, name)).map((own) => `${name}/${own}`) : name,
    );
}

function targetOf(live: string, { tree, base }: Roots): string {
  if (!existsSync(live)) return live; // a link that leads nowhere
  const real = realpathSync(live);
  const image = join(tree, relative(base, real));
  const isInTree = !relative(base, real).startsWith("..") && isLinked(real);
  return isInTree && existsSync(join(image, "package.json")) ? image : live;
}

/** Several processes may do this at once; they all make the same link. */
function ensureLink(target: string, link: string): void {
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true && readlinkSync(link) === target) return;
  if (found?.isDirectory() === true) rmSync(link, { recursive: true });
  const temporary = `${link}.${process.pid}`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary, "dir");
  renameSync(temporary, link);
}
