/** Which modules of the project others import. */
import { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "../diff/source/modules.ts";

/** Some modules and everything of the project that they import, directly or through others. */
export function importsOf(
  modules: SourceModules,
  start: readonly SourceModule[],
): readonly SourceModule[] {
  const found = new Set<SourceModule>();
  const waiting = [...start].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    for (const statement of next.source.statements) {
      const from = specifierOf(statement);
      const file = from === undefined ? undefined : modules.resolveImport(next.file, from);
      const imported = file === undefined ? undefined : modules.module(file);
      const isCode = file?.endsWith(".json") === false;
      if (imported !== undefined && isCode) waiting.push(imported);
    }
  }
  return [...found];
}

function specifierOf(statement: ts.Statement): string | undefined {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
  const from = statement.moduleSpecifier;
  return from !== undefined && ts.isStringLiteral(from) ? from.text : undefined;
}
