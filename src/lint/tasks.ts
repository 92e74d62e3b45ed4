/** Tasks, models, optimizers and data sources of a project: their schemas, and the code that is theirs. */
import { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "../diff/source/modules.ts";
import { resolveName } from "../diff/source/resolve-name.ts";
import { withoutTypes } from "../diff/source/scope.ts";
import {
  calleeName,
  isFunctionNode,
  isLocal,
  isUse,
  keyName,
  walk,
  type FunctionNode,
  type Located,
} from "./nodes.ts";
import { schemaFields, type SchemaField } from "./schema-fields.ts";

/** A call that gives a schema its code. */
export interface TaskCode {
  /** Without those that are spread into it from a package. */
  readonly fields: readonly SchemaField[];
  /** The functions that it was given, by their keys: `run`, `build`. */
  readonly entries: readonly TaskEntry[];
  /** These and all functions of the project that they name, directly or through others. */
  readonly functions: readonly Located<FunctionNode>[];
}

/** One of the functions that a task was given. */
export interface TaskEntry extends Located<FunctionNode> {
  readonly key: string;
}

const makers = new Set(["defineTask", "defineModel", "defineOptimizer", "defineDataSource"]);

const known = new WeakMap<readonly SourceModule[], readonly TaskCode[]>();

/** Every task, model, optimizer and data source that is defined in some modules. */
export function tasksOf(
  modules: SourceModules,
  reached: readonly SourceModule[],
): readonly TaskCode[] {
  const found = known.get(reached) ?? reached.flatMap((module) => tasksIn(modules, module));
  known.set(reached, found);
  return found;
}

function tasksIn(modules: SourceModules, module: SourceModule): readonly TaskCode[] {
  const tasks: TaskCode[] = [];
  walk(module.source, (node) => {
    if (!ts.isCallExpression(node) || !makers.has(calleeName(node))) return;
    const [argument] = node.arguments;
    if (argument === undefined) return;
    const options = withoutTypes(argument);
    if (ts.isObjectLiteralExpression(options)) tasks.push(readTask(modules, module, options));
  });
  return tasks;
}

function readTask(
  modules: SourceModules,
  module: SourceModule,
  options: ts.ObjectLiteralExpression,
): TaskCode {
  const entries: TaskEntry[] = [];
  let fields: readonly SchemaField[] = [];
  for (const property of options.properties) {
    const key = keyName(property.name);
    if (key === undefined) continue;
    if (ts.isMethodDeclaration(property)) entries.push({ key, module, node: property });
    const value = ts.isPropertyAssignment(property)
      ? property.initializer
      : ts.isShorthandPropertyAssignment(property)
        ? property.name
        : undefined;
    if (value === undefined) continue;
    if (key === "schema") fields = schemaFields(modules, { module, node: value });
    else
      entries.push(
        ...functionsIn(modules, { module, node: value }).map((one) => ({ key, ...one })),
      );
  }
  return { fields, entries, functions: reachedFunctions(modules, entries) };
}

/** The function that an expression is or names, or those in an object literal such as `rules`. */
function functionsIn(
  modules: SourceModules,
  { module, node }: Located<ts.Expression>,
): readonly Located<FunctionNode>[] {
  const value = withoutTypes(node);
  if (isFunctionNode(value)) return [{ module, node: value }];
  if (ts.isIdentifier(value)) return namedFunction(modules, { module, node: value });
  if (!ts.isObjectLiteralExpression(value)) return [];
  return value.properties.flatMap((property) => {
    if (ts.isMethodDeclaration(property)) return [{ module, node: property }];
    return ts.isPropertyAssignment(property)
      ? functionsIn(modules, { module, node: property.initializer })
      : [];
  });
}

/** The function of the project that a name stands for; none for anything else. */
export function namedFunction(
  modules: SourceModules,
  { module, node }: Located<ts.Identifier>,
): readonly Located<FunctionNode>[] {
  if (isLocal(node)) return [];
  const target = resolveName(modules, module, node.text);
  if (target.kind === "function" && isFunctionNode(target.node))
    return [{ module: target.module, node: target.node }];
  if (target.kind !== "expression" || target.key !== undefined) return [];
  const value = withoutTypes(target.value);
  return isFunctionNode(value) ? [{ module: target.module, node: value }] : [];
}

function reachedFunctions(
  modules: SourceModules,
  entries: readonly TaskEntry[],
): readonly Located<FunctionNode>[] {
  const found = new Map<ts.Node, Located<FunctionNode>>();
  const waiting: Located<FunctionNode>[] = [...entries];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next.node)) continue;
    found.set(next.node, next);
    const { module } = next;
    walk(next.node, (node) => {
      if (ts.isIdentifier(node) && isUse(node))
        waiting.push(...namedFunction(modules, { module, node }));
    });
  }
  return [...found.values()];
}
