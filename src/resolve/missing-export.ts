/**
 * A name that a module imports and the other does not export. Node refuses it in ES modules; in what tsx compiles it is
 * `undefined`, and the error is only that something cannot be called or read.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type { Place } from "../core/stack-frames.ts";
import { nearest } from "../core/suggest.ts";
import { importLoop } from "./import-loop.ts";

export interface MissingExport {
  readonly name: string;
  /** As the import writes it. */
  readonly from: string;
  /** The nearest name that is exported. */
  readonly suggestion: string | undefined;
}

/** `import { a, b as c } from "x"`, also behind a default import; not `import type`. */
const namedImport =
  /^import\s+(?!type\s)(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*["']([^"'\n]+)["']/gm;

/**
 * The import behind an error, where the line that it stands at uses a name that is not exported.
 * @param place - The innermost line of the user's own code.
 */
export function missingExport(place: Place): MissingExport | undefined {
  try {
    const text = readFileSync(place.file, "utf8");
    const line = text.split("\n")[place.line - 1] ?? "";
    const imports = [...text.matchAll(namedImport)].flatMap(([, names = "", from = ""]) =>
      importedNames(names).map(([name, local]) => ({ name, local, from })),
    );
    for (const { name, local, from } of imports) {
      const exported = usesName(line, local) ? exportsOf(from, place.file) : undefined;
      if (exported !== undefined && !exported.includes(name))
        return { name, from, suggestion: nearest(name, exported) };
    }
  } catch {
    return undefined; // what cannot be read or resolved is another error
  }
  return undefined;
}

/** Why a module's default export is `undefined`, though it has one. */
export type UndefinedDefault =
  | { readonly kind: "missing"; readonly missing: MissingExport }
  /** The name is imported from a module that leads back to this one. */
  | { readonly kind: "loop"; readonly name: string; readonly from: string }
  | { readonly kind: "undefined"; readonly name: string };

const defaultExport = /(?:^|[;\s])export\s+default\s+([A-Za-z_$][\w$]*)\s*(?:;|$)/m;
const defaultImport = /^import\s+([A-Za-z_$][\w$]*)[^"';]*?\sfrom\s*["']([^"'\n]+)["']/gm;

/**
 * Explains `export default name` whose name is undefined.
 * @param file - Absolute; it was loaded.
 * @returns `undefined` where the module has no such line.
 */
export function undefinedDefault(file: string): UndefinedDefault | undefined {
  const text = readFileSync(file, "utf8");
  const name = defaultExport.exec(text)?.[1];
  if (name === undefined || name === "undefined") return undefined;
  const imported = [...text.matchAll(namedImport)].flatMap(([, names = "", from = ""]) =>
    importedNames(names).map(([exported, local]) => ({ exported, local, from })),
  );
  for (const [, local = "", from = ""] of text.matchAll(defaultImport))
    imported.push({ exported: "default", local, from });
  const found = imported.find(({ local }) => local === name);
  if (found === undefined) return { kind: "undefined", name };
  const { exported, from } = found;
  if (importLoop(file)?.includes(resolve(dirname(file), from)) === true)
    return { kind: "loop", name, from };
  const known = exportsOf(from, file);
  if (known === undefined || known.includes(exported)) return { kind: "undefined", name };
  const suggestion = exported === "default" ? undefined : nearest(exported, known);
  return { kind: "missing", missing: { name: exported, from, suggestion } };
}

/** Pairs of the exported and the local name; types are left out. */
function importedNames(names: string): readonly (readonly [string, string])[] {
  return names.split(",").flatMap((one) => {
    const [name = "", as, local] = one.trim().split(/\s+/);
    if (name === "" || name === "type") return [];
    return [[name, as === "as" && local !== undefined ? local : name] as const];
  });
}

function usesName(line: string, name: string): boolean {
  return line.split(/[^\w$]+/).includes(name);
}

/** Of a module that is loaded already; `undefined` for any other. */
function exportsOf(from: string, file: string): readonly string[] | undefined {
  const require = createRequire(file);
  const exported: unknown = require.cache[require.resolve(from)]?.exports;
  return typeof exported === "object" && exported !== null ? Object.keys(exported) : undefined;
}
