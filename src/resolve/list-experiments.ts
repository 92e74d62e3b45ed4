/** Finds the experiments of a folder by reading their text: nothing is evaluated. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as oxc from "oxc-parser";
import { moduleDoc } from "./doc-comments.ts";
import { parseModule, type ParsedModule } from "./parsed-module.ts";

/** A module whose default export is a definition. */
export interface FoundExperiment {
  /** Absolute. */
  readonly file: string;
  /** The doc comment at its top. */
  readonly doc?: string;
}

/** Folders that hold no experiments: what is installed, built, kept, hidden, or made of presets. */
const skipped = new Set(["node_modules", "dist", "runs", "presets"]);

/** The experiments in a folder and below, by path in code-unit order. */
export function findExperiments(
  parser: Pick<typeof oxc, "parseSync">,
  folder: string,
): readonly FoundExperiment[] {
  return modulesBelow(folder).flatMap((file) => {
    const module = parseModule(parser, file, readFileSync(file, "utf8"));
    if (!makesDefinition(module)) return [];
    const doc = moduleDoc(module);
    return [{ file, ...(doc === undefined ? {} : { doc }) }];
  });
}

/** The modules in a folder and below that may hold experiments or what they are made of; absolute, in order. */
export function findModules(folder: string): readonly string[] {
  return modulesBelow(folder, passedOver);
}

const passedOver: ReadonlySet<string> = new Set(["node_modules", "dist", "runs"]);
const moduleName = /(?<!\.d)\.[cm]?ts$/u;

/**
 * Whether `findModules` would list a file.
 * @param path - Relative to the folder that is looked through, with slashes.
 */
export function isListed(path: string): boolean {
  const parts = path.split("/");
  const isPassed = parts.some((part, index) => {
    const isFolder = index < parts.length - 1;
    return part.startsWith(".") || (isFolder && passedOver.has(part));
  });
  return !isPassed && moduleName.test(path);
}

function modulesBelow(folder: string, passed: ReadonlySet<string> = skipped): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const sorted = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return sorted.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) return [];
    if (entry.isDirectory()) return passed.has(entry.name) ? [] : modulesBelow(path, passed);
    return moduleName.test(entry.name) ? [path] : [];
  });
}

/** `export default extend(…)`, also through a constant, by the functions of a task of this project or of Lockstep. */
function makesDefinition(module: ParsedModule): boolean {
  let node = module.exports.get("default");
  if (node?.type === "Identifier") node = module.constants.get(node.name);
  if (node?.type === "TSSatisfiesExpression" || node?.type === "TSAsExpression") {
    node = node.expression;
  }
  if (node?.type !== "CallExpression") return false;
  const { callee } = node;
  if (callee.type === "MemberExpression") {
    const { property, object } = callee;
    const isMaker = property.type === "Identifier" && isMakerName(property.name);
    return isMaker && object.type === "Identifier" && !isForeign(object.name, module);
  }
  if (callee.type !== "Identifier" || isForeign(callee.name, module)) return false;
  return isMakerName(module.imports.get(callee.name)?.name ?? callee.name);
}

function isMakerName(name: string): boolean {
  return name === "defineConfig" || name === "extend";
}

/** Other tools have a `defineConfig` too. */
function isForeign(name: string, { imports }: ParsedModule): boolean {
  const from = imports.get(name)?.from;
  return from !== undefined && from !== "lockstep" && !from.startsWith(".");
}
