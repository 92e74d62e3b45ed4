/** `constant-duplicates-config`. */
import { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "../../diff/source/modules.ts";
import { importsOf } from "../imports.ts";
import { configValues, type ConfigValue } from "../config-literals.ts";
import { literalValue, plainName } from "../nodes.ts";
import type { Problem, Rule } from "../rule.ts";

/** Constants that say once more what a config says. */
export const constantDuplicatesConfig: Rule = {
  id: "constant-duplicates-config",
  reason:
    "Two places that say one number drift apart: the config is changed, and the constant is forgotten.",
  bad: "const BATCH_SIZE = 32; … training: { batchSize: 32 }",
  good: "const BATCH_SIZE = 32; … training: { batchSize: BATCH_SIZE }, or the constant taken away",
  hasFix: true,
  needsEvaluation: false,
  check: ({ modules, linted }) => linted.flatMap((module) => checkModule(modules, module)),
};

interface Constant {
  readonly module: SourceModule;
  readonly node: ts.VariableDeclaration;
  readonly name: string;
  readonly value: number | string | boolean;
}

/** The values of a module against the constants of it and of what it imports. */
function checkModule(modules: SourceModules, module: SourceModule): readonly Problem[] {
  const values = configValues(module);
  if (values.length === 0) return [];
  const around = importsOf(modules, [module]);
  return around
    .flatMap(constantsOf)
    .flatMap((constant) =>
      values
        .filter((value) => isSame(constant, value))
        .map((value) => problemOf(constant, { module, value })),
    );
}

function constantsOf(module: SourceModule): readonly Constant[] {
  return module.source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => {
    if ((declarationList.flags & ts.NodeFlags.Const) === 0) return [];
    return declarationList.declarations.flatMap((node): readonly Constant[] => {
      const value = node.initializer && literalValue(node.initializer);
      if (value === undefined || !ts.isIdentifier(node.name)) return [];
      return [{ module, node, name: node.name.text, value }];
    });
  });
}

/** By value, and by the name of the key, alone or behind the one above it: `BATCH_SIZE`, `trainingBatchSize`. */
function isSame({ name, value }: Constant, { node, keys }: ConfigValue): boolean {
  if (literalValue(node.initializer) !== value) return false;
  const plain = plainName(name);
  return plain === plainName(keys.at(-1) ?? "") || plain === plainName(keys.slice(-2).join(""));
}

function problemOf(
  { module, node, name }: Constant,
  use: { readonly module: SourceModule; readonly value: ConfigValue },
): Problem {
  const path = use.value.keys.join(".");
  const { initializer } = use.value.node;
  const isBefore = module === use.module && node.end <= initializer.getStart();
  const message = `${name} says once more what ${path} in ${use.module.file} says. Write ${name} there, or read the config where the constant is used.`;
  if (!isBefore) return { module, node, message };
  const [start, end] = [initializer.getStart(), initializer.end];
  return { module, node, message, edits: [{ file: module.file, start, end, text: name }] };
}
