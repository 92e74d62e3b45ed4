/** Installed packages: where they are, what they need, and what tells one build of them from another. */
import { createRequire } from "node:module";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { ExpError } from "../core/errors.ts";
import { hashJson, sha256 } from "../core/hash.ts";
import { isPlainObject } from "../core/json.ts";

export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  /**
   * As the installer's lock has it (`sha512-…`), with `+patch-` and the hash of the patch that pnpm applied; else `files-`
   * and a SHA-256 over the package's files.
   */
  readonly integrity: string;
}

/** The real folder of a package as `from` sees it, by Node's own rule: the nearest `node_modules` upwards. */
export function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

/** A package outside of every `node_modules` is linked: somebody works on it, so no lock knows its content. */
export function isLinked(folder: string): boolean {
  return !folder.split(sep).includes("node_modules");
}

/**
 * Packages and the `dependencies` and installed `peerDependencies` that they reach, by name and version. Optional
 * dependencies are left out: they differ between machines.
 * @param wanted - For each package the folders that import it.
 * @throws {ExpError} `module` for one that is not installed.
 */
export function packagesReached(
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): readonly PackageFacts[] {
  const locks = new Map<string, ReadonlyMap<string, string>>();
  const seen = new Set<string>();
  const facts = new Map<string, PackageFacts>();
  const pending = [...wanted].flatMap(([name, folders]) =>
    [...folders].map((from) => ({ name, from })),
  );
  for (const { name, from } of pending) {
    const folder = findPackage(name, from);
    if (folder === undefined) {
      throw new ExpError("module", `The package ${name}, which ${from} needs, is not installed.`, {
        hint: "Install the dependencies of the project.",
      });
    }
    if (seen.has(folder)) continue;
    seen.add(folder);
    const { version, dependencies, peers } = readManifest(folder);
    const integrity = lockedIntegrity({ folder, name, version }, locks) ?? filesIntegrity(folder);
    facts.set(`${name}@${version} ${integrity}`, { name, version, integrity });
    const needed = [...dependencies, ...peers.filter((peer) => isInstalledFor(folder, peer))];
    pending.push(...needed.map((dependency) => ({ name: dependency, from: folder })));
  }
  return [...facts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** What tells an installed package from other builds of it. */
export function installedFacts(folder: string): PackageFacts {
  const { name, version } = readManifest(folder);
  const integrity = lockedIntegrity({ folder, name, version }, new Map()) ?? filesIntegrity(folder);
  return { name, version, integrity };
}

/** Peers may be left uninstalled, and one that is linked is code: it counts where the task's own code imports it. */
function isInstalledFor(folder: string, peer: string): boolean {
  const found = findPackage(peer, folder);
  return found !== undefined && !isLinked(found);
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  /** What the package takes from whoever installs it. */
  readonly peers: readonly string[];
}

function readManifest(folder: string): Manifest {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!isPlainObject(manifest)) return { name: "", version: "", dependencies: [], peers: [] };
  const { name, version, dependencies, optionalDependencies, peerDependencies } = manifest;
  const optional = namesOf(optionalDependencies);
  return {
    name: typeof name === "string" ? name : "",
    version: typeof version === "string" ? version : "",
    dependencies: namesOf(dependencies).filter((name) => !optional.includes(name)),
    peers: namesOf(peerDependencies),
  };
}

function namesOf(dependencies: unknown): readonly string[] {
  return isPlainObject(dependencies) ? Object.keys(dependencies) : [];
}

interface Installed {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

function lockedIntegrity(
  { folder, name, version }: Installed,
  locks: Map<string, ReadonlyMap<string, string>>,
): string | undefined {
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    if (!above.endsWith(`${sep}node_modules`)) continue;
    const lock = locks.get(above) ?? readLock(above);
    locks.set(above, lock);
    const found = lock.get(`${name}@${version}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Integrities by `name@version`, from what pnpm or npm left in a `node_modules` folder; empty where neither did. */
function readLock(nodeModules: string): ReadonlyMap<string, string> {
  const pnpm = readOptional(join(nodeModules, ".pnpm", "lock.yaml"));
  if (pnpm !== undefined) return readPnpmLock(pnpm);
  const npm = readOptional(join(nodeModules, ".package-lock.json"));
  return npm === undefined ? new Map() : readNpmLock(npm);
}

/** pnpm writes a package's key and its resolution on two lines of fixed form, so no YAML parser is needed. */
const pnpmEntry = /^ {2}'?([^'\s][^'\n]*?)'?:\n {4}resolution: \{[^}\n]*?integrity: ([^},\s]+)/gm;

/** A patched package keeps the integrity of what was fetched; only the key of its snapshot tells the patch. */
const pnpmPatch = /^ {2}'?([^'\s(][^'\n(]*)\(patch_hash=([^)\n]+)\)/gm;

function readPnpmLock(text: string): ReadonlyMap<string, string> {
  const lines = text.replaceAll("\r\n", "\n");
  const patches = new Map([...lines.matchAll(pnpmPatch)].map(([, key, hash]) => [key, hash]));
  const found = [...lines.matchAll(pnpmEntry)];
  return new Map(
    found.map(([, key = "", integrity = ""]) => {
      const patch = patches.get(key);
      return [key, patch === undefined ? integrity : `${integrity}+patch-${patch}`];
    }),
  );
}

function readNpmLock(text: string): ReadonlyMap<string, string> {
  const integrities = new Map<string, string>();
  const lock: unknown = JSON.parse(text);
  const packages = isPlainObject(lock) && isPlainObject(lock["packages"]) ? lock["packages"] : {};
  for (const [path, entry] of Object.entries(packages)) {
    if (!isPlainObject(entry)) continue;
    const { version, integrity } = entry;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (typeof version === "string" && typeof integrity === "string")
      integrities.set(`${name}@${version}`, integrity);
  }
  return integrities;
}

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function filesIntegrity(folder: string): string {
  const digests = listFiles(folder, "").map((path) => [
    path,
    sha256(readFileSync(join(folder, path))),
  ]);
  return `files-${hashJson(digests)}`;
}

/** The files of a package without its own `node_modules`, with forward slashes, in code-unit order. */
function listFiles(folder: string, prefix: string): string[] {
  const files = readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory())
      return entry.name === "node_modules" ? [] : listFiles(folder, `${path}/`);
    return entry.isFile() ? [path] : [];
  });
  return files.sort();
}

/** The folder of the Lockstep that a module finds; `undefined` where it finds none. */
export function findLockstep(file: string): string | undefined {
  try {
    return dirname(realpathSync(createRequire(file).resolve("lockstep/package.json")));
  } catch {
    return undefined;
  }
}
