/** Modules that import each other: one of them is evaluated before the other has anything to give. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** `import … from "./x.ts"`, `export … from "./x.ts"`, `import "./x.ts"`; not `import type`. */
const relativeImport =
  /(?:^|[\s;}])(?:import|export)\s+(?!type\s)(?:[^"';]*?\sfrom\s*)?["'](\.{1,2}\/[^"']+)["']/g;

/** Far more modules than experiments have; a search that finds nothing has to end. */
const maxModules = 2_000;

/**
 * The first loop of imports that a module leads into, as absolute paths, the first one again at the end. Read off the
 * texts: when loading failed, the loader forgets who imported whom.
 */
export function importLoop(file: string): readonly string[] | undefined {
  const done = new Set<string>();
  const search = (module: string, above: readonly string[]): readonly string[] | undefined => {
    const start = above.indexOf(module);
    if (start !== -1) return [...above.slice(start), module];
    if (done.has(module) || done.size >= maxModules) return undefined;
    done.add(module);
    for (const imported of importsOf(module)) {
      const loop = search(imported, [...above, module]);
      if (loop !== undefined) return loop;
    }
    return undefined;
  };
  return search(file, []);
}

function importsOf(module: string): readonly string[] {
  try {
    const text = readFileSync(module, "utf8");
    return [...text.matchAll(relativeImport)].map(([, name = ""]) =>
      resolve(dirname(module), name),
    );
  } catch {
    return []; // named without its ending, or not there: that is another error
  }
}
