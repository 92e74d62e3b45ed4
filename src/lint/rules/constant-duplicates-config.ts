/** `constant-duplicates-config`. */
import { ts } from "ts-morph";
import type { SourceModule } from "../../diff/source/modules.ts";
import { resolveName } from "../../diff/source/resolve-name.ts";
import { configValues, type ConfigValue } from "../config-literals.ts";
import { importsOf } from "../imports.ts";
import { isLocal, isUse, literalValue, plainName, walk } from "../nodes.ts";
import type { Edit, LintProject, Problem, Rule } from "../rule.ts";
import { tasksOf } from "../tasks.ts";

/** Constants that say once more what a config says. */
export const constantDuplicatesConfig: Rule = {
  id: "constant-duplicates-config",
  reason:
    "Two places that say one number drift apart: the config is changed, and the constant is forgotten.",
  bad: "const BATCH_SIZE = 32; … training: { batchSize: 32 }",
  good: "const BATCH_SIZE = 32; … training: { batchSize: BATCH_SIZE }, or the constant taken away",
  hasFix: true,
  needsEvaluation: false,
  check: (project) => {
    const uses = usesOf(project);
    const readByTasks = constantsReadByTasks(project);
    return [...uses].flatMap(([constant, values]) => {
      const same = values.filter((value) =>
        isSame(constant, value, { isReadByTask: readByTasks.has(constant.node) }),
      );
      return same.length === 0 ? [] : [problemOf(constant, same)];
    });
  },
};

interface Constant {
  readonly module: SourceModule;
  readonly node: ts.VariableDeclaration;
  readonly name: string;
  readonly value: number | string | boolean;
}

/** A value of a config, with the module that writes it. */
type Use = ConfigValue & { readonly module: SourceModule };

/** Each constant with the values of configs in its module and in those that import it, directly or not. */
function usesOf({ modules, linted }: LintProject): ReadonlyMap<Constant, readonly Use[]> {
  const constants = new Map<SourceModule, readonly Constant[]>();
  const found = new Map<Constant, Use[]>();
  for (const module of linted) {
    const values = configValues(module).map((value) => ({ ...value, module }));
    if (values.length === 0) continue;
    for (const around of importsOf(modules, [module])) {
      const own = constants.get(around) ?? constantsOf(around);
      constants.set(around, own);
      for (const constant of own) found.set(constant, [...(found.get(constant) ?? []), ...values]);
    }
  }
  return found;
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

/** Declarations of constants that the code of a task names. */
function constantsReadByTasks({ modules, reached }: LintProject): ReadonlySet<ts.Node> {
  const found = new Set<ts.Node>();
  for (const { functions } of tasksOf(modules, reached)) {
    for (const { module, node: code } of functions) {
      walk(code, (node) => {
        if (!ts.isIdentifier(node) || !isUse(node) || isLocal(node)) return;
        const target = resolveName(modules, module, node.text);
        if (target.kind === "expression" && target.key === undefined)
          found.add(target.value.parent);
      });
    }
  }
  return found;
}

/** Numbers that say nothing: equal ones are no sign. */
const plainNumbers: readonly unknown[] = [-1, 0, 1, 2, 10, 100];

/**
 * By value, and by the name of the key, alone or behind the one above it: `BATCH_SIZE`, `trainingBatchSize`. Of a telling number
 * that a task reads it is enough that the key has the words of the constant: `DEFAULT_RATE` and `optimizer.learningRate`.
 */
function isSame(
  { name, value }: Constant,
  { node, keys }: ConfigValue,
  { isReadByTask }: { readonly isReadByTask: boolean },
): boolean {
  if (literalValue(node.initializer) !== value) return false;
  const plain = plainName(name);
  if (plain === plainName(keys.at(-1) ?? "") || plain === plainName(keys.slice(-2).join("")))
    return true;
  if (!isReadByTask || typeof value !== "number" || plainNumbers.includes(value)) return false;
  const words = wordsOf(name).filter((word) => !fillers.has(word));
  const known = new Set(keys.slice(-2).flatMap(wordsOf));
  return words.length > 0 && words.every((word) => known.has(word));
}

/** Words that only say what sort of a constant it is. */
const fillers: ReadonlySet<string> = new Set(
  "base const constant default fixed initial max min my num the value".split(" "),
);

function wordsOf(name: string): readonly string[] {
  const spaced = name.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2").toLowerCase();
  return spaced.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** `slope: SLOPE`; a constant that is called as the key makes `slope`, not `slope: slope`. */
function editOf({ node, module }: Use, name: string): Edit {
  const { initializer } = node;
  const isShorthand = ts.isIdentifier(node.name) && node.name.text === name;
  const start = (isShorthand ? node : initializer).getStart(module.source);
  return { file: module.file, start, end: initializer.end, text: name };
}

const maxFiles = 3;

function problemOf({ module, node, name }: Constant, uses: readonly Use[]): Problem {
  const paths = [...new Set(uses.map(({ keys }) => keys.join(".")))].join(" and ");
  const files = [...new Set(uses.map((use) => use.module.file))];
  const more = files.length - maxFiles;
  const where = `${files.slice(0, maxFiles).join(", ")}${more > 0 ? ` and ${String(more)} more modules` : ""}`;
  const message = `${name} says once more what ${paths} in ${where} says. Write ${name} there, or read the config where the constant is used.`;
  const edits = uses
    .filter((use) => use.module === module)
    .map((use) => editOf(use, name))
    .filter(({ start }) => node.end <= start);
  return { module, node, message, ...(edits.length > 0 && { edits }) };
}
