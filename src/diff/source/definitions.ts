/** The definitions of some modules, and everything of the project that they are made of. */
import { evaluate } from "./evaluate.ts";
import { codeForm } from "./code.ts";
import { referencesOf, type Form, type SourcePlace } from "./form.ts";
import { executedModules, moduleCode, nameOfModuleCode } from "./module-code.ts";
import type { SourceModule, SourceModules } from "./modules.ts";
import { resolveExport, resolveName, type Target } from "./resolve-name.ts";
import { isDefinition, placeOf, type Scope } from "./scope.ts";

/** A definition, or a function that definitions use. */
export interface SourceDefinition {
  /** `experiments/baseline.ts#default`: where it is and what it is called there. */
  readonly name: string;
  readonly form: Form;
  readonly at: SourcePlace;
  /** Other definitions and functions of the project that it uses directly, by name. */
  readonly references: readonly string[];
}

export interface DefinitionsOfModules {
  readonly byName: ReadonlyMap<string, SourceDefinition>;
  /** For each file whose default export is a definition: that definition's name. */
  readonly experiments: ReadonlyMap<string, string>;
}

/**
 * What the files define and use. Functions that nothing uses and plain constants are not told of by themselves: a
 * constant is part of what is made with it.
 * @param files - Relative to the repository; those that are not there are passed over.
 */
export function definitionsOf(
  modules: SourceModules,
  files: readonly string[],
): DefinitionsOfModules {
  const byName = new Map<string, SourceDefinition>();
  const experiments = new Map<string, string>();
  const waiting: string[] = [];
  for (const file of files) {
    const module = modules.module(file);
    if (module === undefined) continue;
    for (const [exportName, target] of exportsOf(modules, module)) {
      if (!makesDefinition(target)) continue;
      const name = `${target.module.file}#${target.name}`;
      waiting.push(name);
      if (exportName === "default") experiments.set(file, name);
    }
  }
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (byName.has(name)) continue;
    const definition = readDefinition(modules, name);
    if (definition === undefined) continue;
    byName.set(name, definition);
    waiting.push(...definition.references);
  }
  addModuleCode(modules, { byName, experiments });
  return { byName, experiments };
}

interface Definitions {
  readonly byName: Map<string, SourceDefinition>;
  readonly experiments: ReadonlyMap<string, string>;
}

/** What the modules of experiments do by being loaded stands among the definitions, and is used by those experiments. */
function addModuleCode(modules: SourceModules, { byName, experiments }: Definitions): void {
  const known = new Map<SourceModule, SourceDefinition | undefined>();
  const codeOf = (module: SourceModule): SourceDefinition | undefined => {
    const name = nameOfModuleCode(module.file);
    const form = moduleCode({ modules, module, reading: [name], read: evaluate });
    return form && { name, form, at: form.at, references: [...new Set(referencesOf(form))] };
  };
  for (const [file, name] of experiments) {
    const module = modules.module(file);
    const experiment = byName.get(name);
    if (module === undefined || experiment === undefined) continue;
    const codes = executedModules(modules, module).flatMap((one) => {
      if (!known.has(one)) known.set(one, codeOf(one));
      return known.get(one) ?? [];
    });
    for (const code of codes) byName.set(code.name, code);
    const references = [...experiment.references, ...codes.map((code) => code.name)];
    byName.set(name, { ...experiment, references });
  }
}

type Made = Extract<Target, { kind: "expression" | "function" }>;

function exportsOf(modules: SourceModules, module: SourceModule): readonly [string, Target][] {
  return [...module.exported.keys()].map((name) => [name, resolveExport(modules, module, name)]);
}

/** Functions of a module count when something uses them, its hooks always: they act by being exported. */
function makesDefinition(target: Target): target is Made {
  if (target.kind === "function") return target.name === "onEvent";
  if (target.kind !== "expression" || target.key !== undefined) return false;
  return target.name === "onEvent" || isDefinition(target.value);
}

/** The definition or function of that name; `undefined` where the module has none. */
function readDefinition(modules: SourceModules, name: string): SourceDefinition | undefined {
  const [file = "", inner = ""] = name.split("#");
  const module = modules.module(file);
  if (module === undefined) return undefined;
  const target = module.bindings.has(inner)
    ? resolveName(modules, module, inner)
    : resolveExport(modules, module, inner);
  if (target.kind !== "expression" && target.kind !== "function") return undefined;
  const scope: Scope = { modules, module: target.module, reading: [name], read: evaluate };
  const form =
    target.kind === "function" ? codeForm(target.node, { scope }) : evaluate(target.value, scope);
  const at = placeOf(target.module, target.kind === "function" ? target.node : target.value);
  const references = [...new Set(referencesOf(form))].filter((one) => one !== name);
  return { name, form, at, references };
}
