/**
 * Which code a task runs: the bundle of what its entry modules reach, without types, comments and formatting, and the
 * packages that it reaches, by name, version and integrity. The same sources give the same bytes in every directory.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import {
  build,
  buildSync,
  type BuildFailure,
  type BuildOptions,
  type Metafile,
  type Plugin,
} from "esbuild";
import type { TaskData } from "../config/definition.ts";
import { ExpError } from "../core/errors.ts";
import { codeHashOf } from "../core/code-hash.ts";
import { sha256 } from "../core/hash.ts";
import { hasNoHook, withoutHooks } from "./hook-text.ts";
import { loadParser } from "./load-parser.ts";
import { projectLocation } from "./locations.ts";
import { findPackage, isLinked, packagesReached, type PackageFacts } from "./packages.ts";

export interface CodeIdentity {
  readonly codeHash: string;
  /** The bundled code, for reading; entry after entry. */
  readonly bundle: string;
  /** Every package reached, by name and version. */
  readonly packages: readonly PackageFacts[];
  /** Absolute paths of every bundled file, in code-unit order. */
  readonly files: readonly string[];
}

/**
 * The identity of a task's code.
 * @param projectDirectory - Absolute; places in errors are relative to it.
 * @throws {ExpError} `module` for code that cannot be bundled, or a package that is not installed.
 */
export function codeIdentity(
  task: Pick<TaskData, "code">,
  projectDirectory: string,
): Promise<CodeIdentity> {
  return identityOf(task.code, projectDirectory);
}

async function identityOf(
  code: readonly string[],
  projectDirectory: string,
): Promise<CodeIdentity> {
  const entries = [...new Set(code.map((file) => entryFile(file, projectDirectory)))];
  const bundles: Bundle[] = [];
  const external = new Map<string, Set<string>>();
  for (const entry of entries) {
    const bundle = await bundleEntry(entry, projectDirectory);
    bundles.push(bundle);
    for (const { specifier, importer } of bundle.imports) {
      const linked = linkedEntry(specifier, importer);
      // A linked package has no integrity: its sources are code like any other.
      if (linked !== undefined && !entries.includes(linked)) entries.push(linked);
      if (linked === undefined) addTo(external, packageName(specifier), dirname(importer));
    }
  }
  const packages = packagesReached(external);
  const codeHash = codeHashOf(
    bundles.map(({ text }) => sha256(text)),
    packages,
  );
  const files = [...new Set(bundles.flatMap((bundle) => bundle.files))].sort();
  return { codeHash, bundle: bundles.map(({ text }) => text).join("\n"), packages, files };
}

function entryFile(file: string, projectDirectory: string): string {
  if (existsSync(file)) return realpathSync(file);
  const shown = projectLocation(file, projectDirectory);
  throw new ExpError("module", `The code of the task names ${shown}, which does not exist.`, {
    hint: "Correct `code` where the task is defined.",
  });
}

interface Bundle {
  readonly text: string;
  readonly files: readonly string[];
  /** Imports of packages, with the file that has them. */
  readonly imports: readonly { readonly specifier: string; readonly importer: string }[];
}

/** Names are kept, so that the stored bundle can be read; syntax is not rewritten, so that it stays as it was meant. */
async function bundleEntry(entry: string, projectDirectory: string): Promise<Bundle> {
  const root = packageRoot(entry);
  const options = buildOptions(root, entry);
  try {
    const whole = buildSync(options);
    const isHooked = whole.outputFiles.some(({ text }) => !hasNoHook(text));
    const hookless = await hooklessTexts(isHooked ? filesOf(whole.metafile, root) : []);
    const built =
      hookless.size === 0 ? whole : await build({ ...options, plugins: [replaced(hookless)] });
    const text = built.outputFiles.map((file) => file.text).join("\n");
    // Files of hooks are no part of the identity, but whoever executes the module needs them.
    return {
      text,
      files: filesOf(whole.metafile, root),
      imports: externalImports(built.metafile, root),
    };
  } catch (error) {
    throw bundleError(error, root, projectDirectory);
  }
}

function buildOptions(root: string, entry: string) {
  return {
    absWorkingDir: root,
    entryPoints: [relative(root, entry)],
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "es2023",
    charset: "utf8",
    minifyWhitespace: true,
    legalComments: "none",
    sourcemap: false,
    metafile: true,
    write: false,
    outdir: "out", // only names the outputs; nothing is written
    logLevel: "silent",
  } as const satisfies BuildOptions;
}

function filesOf({ inputs }: Metafile, root: string): readonly string[] {
  return Object.keys(inputs).map((path) => resolve(root, path));
}

/** Files in which hooks are written, without them. */
async function hooklessTexts(files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const file of files) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (hasNoHook(text)) continue;
    const hookless = withoutHooks(await needParser(), file, text);
    if (hookless !== text) found.set(realpathSync(file), hookless);
  }
  return found;
}

/** Without it the same code would have another identity than on other machines. */
async function needParser(): Promise<NonNullable<Awaited<ReturnType<typeof loadParser>>>> {
  const parser = await loadParser();
  if (parser !== undefined) return parser;
  throw new ExpError("environment", "oxc-parser, which finds hooks in modules, cannot be loaded.", {
    hint: "Install the packages again; it has a binding for each platform.",
  });
}

/** Bundles other texts than those on the disk. */
function replaced(texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: "without hooks",
    setup: (bundler) => {
      bundler.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
        const contents = texts.get(path);
        return contents === undefined ? undefined : { contents, loader: "default" };
      });
    },
  };
}

/**
 * Paths inside a bundle are relative to the package that its entry belongs to: they are the same wherever that lies.
 */
function packageRoot(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
  }
  return dirname(file);
}

/** The outputs say what is still imported after unused code is gone, the inputs by whom. */
function externalImports(metafile: Metafile, root: string): Bundle["imports"] {
  const kept = new Set(
    Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.flatMap(({ path, external }) => (external === true ? [path] : [])),
    ),
  );
  return Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ path, external }) => external === true && kept.has(path) && !isBuiltin(path))
      .map(({ path }) => ({ specifier: path, importer: resolve(root, file) })),
  );
}

function bundleError(error: unknown, root: string, projectDirectory: string): unknown {
  if (!(error instanceof Error) || !("errors" in error)) return error;
  const lines = (error as BuildFailure).errors.map(({ text, location }) => {
    if (location === null) return text;
    const file = projectLocation(resolve(root, location.file), projectDirectory);
    return `${file}:${location.line}:${location.column + 1}: ${text}`;
  });
  return new ExpError("module", lines.join("\n"), {
    hint: "The code of the task cannot be bundled, so runs of it would have no identity.",
    cause: error,
  });
}

/** `@scope/name/file` belongs to the package `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function linkedEntry(specifier: string, importer: string): string | undefined {
  const folder = findPackage(packageName(specifier), dirname(importer));
  if (folder === undefined || !isLinked(folder)) return undefined;
  try {
    return realpathSync(createRequire(importer).resolve(specifier));
  } catch {
    return undefined; // what it exports cannot be told, so all of its files count
  }
}

function addTo(map: Map<string, Set<string>>, name: string, folder: string): void {
  const folders = map.get(name) ?? new Set();
  map.set(name, folders.add(folder));
}
