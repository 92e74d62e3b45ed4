/**
 * Evaluates modules of a project in this process. Modules of the project are evaluated afresh by every loader, so that an
 * edit is seen; packages and Lockstep itself are loaded once. tsx compiles TypeScript in this very thread.
 */
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as tsxCommonJs from "tsx/cjs/api";
import { collectMisuses } from "../config/collect-misuses.ts";
import { thrownCode, thrownMessage } from "../core/thrown.ts";
import { sha256 } from "../core/hash.ts";
import { isUserFile } from "../core/user-files.ts";
import { projectLocation } from "./locations.ts";

/** A module of the project as it was evaluated. */
export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  /** Of the text in UTF-8: of the file's own bytes, wherever those are UTF-8. */
  readonly sha256: string;
  /** As the loader reads it: a byte that is no UTF-8 is U+FFFD. */
  readonly text: string;
}

/**
 * Closes ambient inputs to code of the project, and gives back what opens them again. Which ones, and which stay open, is
 * said in this folder's README.
 */
export type Seal = (scope: { readonly projectDirectory: string }) => () => void;

export interface ModuleLoader {
  /** The exports of a module. Rejects with whatever loading it threw. */
  load(file: string): Promise<Readonly<Record<string, unknown>>>;
  /** All project modules that were evaluated so far, by path in code-unit order. */
  sources(): readonly SourceFile[];
}

const nodeRequire = createRequire(import.meta.url);

/**
 * A loader for one project.
 * @param options.keepsModules - Whether modules that the process has evaluated already stay as they are.
 */
export function createModuleLoader(
  projectDirectory: string,
  seal: Seal | undefined,
  { keepsModules = false }: { readonly keepsModules?: boolean } = {},
): ModuleLoader {
  const evaluated = new Set<string>();
  const load = keepsModules ? nodeRequire : (file: string) => loadAfresh(file, projectDirectory);
  registerTypeScript();
  if (!keepsModules) forgetModules(realpathSync(projectDirectory));
  return {
    async load(file) {
      const unseal = seal?.({ projectDirectory });
      try {
        return await evaluate(file, evaluated, load);
      } finally {
        unseal?.();
      }
    },
    sources: () => [...evaluated].sort().map((file) => readSource(file, projectDirectory)),
  };
}

/** `.tsx` tells: Node itself may know `.ts`, but only tsx resolves and compiles all that a project may write. */
function registerTypeScript(): void {
  if (".tsx" in nodeRequire.extensions) return;
  const { register } = nodeRequire("tsx/cjs/api") as typeof tsxCommonJs;
  register();
  // Call sites are found through source maps, which Node keeps only when it is asked to.
  (nodeRequire("node:process") as NodeJS.Process).setSourceMapsEnabled(true);
}

/** Also those outside of the project that its modules had imported. */
function forgetModules(projectDirectory: string): void {
  const stale = new Set<string>();
  for (const file of Object.keys(nodeRequire.cache)) {
    if (file.startsWith(projectDirectory + sep)) collectModules(file, stale);
  }
  for (const file of stale) delete nodeRequire.cache[file];
}

/** All wrong calls are told together; the modules that made them do not stay, with their stand-ins. */
function loadAfresh(file: string, projectDirectory: string): unknown {
  try {
    return collectMisuses((): unknown => nodeRequire(file));
  } catch (error) {
    forgetModules(realpathSync(projectDirectory));
    throw error;
  }
}

async function evaluate(
  file: string,
  evaluated: Set<string>,
  load: (file: string) => unknown,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const exported = load(file) as Readonly<Record<string, unknown>>;
    collectModules(file, evaluated);
    return exported;
  } catch (error) {
    if (!isTopLevelAwait(error)) throw error;
  }
  return importModule(file, evaluated);
}

function isTopLevelAwait(error: unknown): boolean {
  // Whatever a module throws comes here too, and may throw when it is looked at.
  if (thrownMessage(error).includes("Top-level await is currently not supported")) return true;
  return thrownCode(error) === "ERR_REQUIRE_ASYNC_MODULE";
}

/** Top-level await exists in ES modules only; their loader costs a thread, so it is asked second. */
async function importModule(
  file: string,
  evaluated: Set<string>,
): Promise<Readonly<Record<string, unknown>>> {
  const { tsImport } = await import("tsx/esm/api");
  const exported: unknown = await tsImport(pathToFileURL(file).href, {
    parentURL: import.meta.url,
    onImport: (url) => {
      if (!url.startsWith("file:")) return;
      const imported = fileURLToPath(url);
      if (isUserFile(imported)) evaluated.add(imported);
    },
  });
  return exported as Readonly<Record<string, unknown>>; // a module's namespace
}

/** Modules hang together in the registry: those that `file` reached, and no others. */
function collectModules(file: string, evaluated: Set<string>): void {
  const pending = [nodeRequire.cache[file]];
  for (const loaded of pending) {
    if (loaded === undefined || evaluated.has(loaded.filename) || !isUserFile(loaded.filename))
      continue;
    evaluated.add(loaded.filename);
    pending.push(...loaded.children);
  }
}

/** A file as a source of an experiment. */
export function readSource(file: string, projectDirectory: string): SourceFile {
  const text = readFileSync(file, "utf8");
  return { path: projectLocation(file, projectDirectory), sha256: sha256(text), text };
}
