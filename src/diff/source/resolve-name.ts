/** What a name stands for, in its own module or in the one that it is imported from. */
import { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "./modules.ts";

/** Something that a name can stand for, in the module where it is written. */
export type Target =
  | {
      readonly kind: "expression";
      readonly module: SourceModule;
      readonly name: string;
      readonly value: ts.Expression;
      readonly key?: string;
    }
  | {
      readonly kind: "function";
      readonly module: SourceModule;
      readonly name: string;
      readonly node: ts.Node;
    }
  /** All exports of a module of the project. */
  | { readonly kind: "module"; readonly module: SourceModule }
  /** A package's export, or a name that JavaScript has: `lockstep#choice`, `#Math`. */
  | { readonly kind: "outside"; readonly name: string }
  | {
      readonly kind: "unknown";
      readonly reason: string;
      readonly node?: ts.Node;
      readonly module?: SourceModule;
    };

/**
 * What `name` stands for at the top of a module.
 * @param options - Names count as used where they are read; `isReading: false` only asks.
 */
export function resolveName(
  modules: SourceModules,
  module: SourceModule,
  ...[name, { isReading = true } = {}]: readonly [string, { readonly isReading?: boolean }?]
): Target {
  return resolveBinding({ modules, visited: new Set(), isReading }, module, name);
}

/** What a module exports as `name`. */
export function resolveExport(modules: SourceModules, module: SourceModule, name: string): Target {
  return exported({ modules, visited: new Set(), isReading: true }, module, name);
}

interface Search {
  readonly modules: SourceModules;
  /** Exports that were gone through: modules may re-export from each other in a ring. */
  readonly visited: Set<string>;
  readonly isReading: boolean;
}

function resolveBinding(search: Search, module: SourceModule, name: string): Target {
  const binding = module.bindings.get(name);
  if (search.isReading) module.used.add(name);
  switch (binding?.kind) {
    case undefined:
      return { kind: "outside", name: `#${name}` };
    case "constant":
      return { kind: "expression", module, name, value: binding.value };
    case "part":
      return { kind: "expression", module, name, value: binding.value, key: binding.key };
    case "function":
      return { kind: "function", module, name, node: binding.node };
    case "import":
      return imported(search, module, binding);
    case "other":
      return { kind: "unknown", reason: `${name} is no constant`, node: binding.node, module };
  }
}

function imported(
  search: Search,
  module: SourceModule,
  { from, name }: { readonly from: string; readonly name: string },
): Target {
  const file = search.modules.resolveImport(module.file, from);
  if (file === undefined) return { kind: "outside", name: `${from}#${name}` };
  const target = search.modules.module(file);
  if (target === undefined) return { kind: "unknown", reason: `${file} is not there` };
  return name === "*" ? { kind: "module", module: target } : exported(search, target, name);
}

function exported(search: Search, module: SourceModule, name: string): Target {
  const step = `${module.file}#${name}`;
  if (search.visited.has(step)) return { kind: "unknown", reason: `${step} exports itself` };
  search.visited.add(step);
  const found = module.exported.get(name);
  if (search.isReading && found?.kind === "expression") module.used.add(name);
  switch (found?.kind) {
    case "binding":
      return resolveBinding(search, module, found.name);
    case "expression":
      // `export default baseline;`: the constant, under its own name
      return ts.isIdentifier(found.value)
        ? resolveBinding(search, module, found.value.text)
        : { kind: "expression", module, name, value: found.value };
    case "import":
      return imported(search, module, found);
    case undefined:
      return fromAll(search, module, name);
  }
}

function fromAll(search: Search, module: SourceModule, name: string): Target {
  for (const from of module.exportsAllOf) {
    const target = imported(search, module, { from, name });
    if (target.kind !== "unknown") return target;
  }
  return { kind: "unknown", reason: `${module.file} does not export ${name}` };
}
