/** Where code is read, and what all readers need to know of a node. */
import { ts } from "ts-morph";
import type { Form, SourcePlace } from "./form.ts";
import type { SourceModule, SourceModules } from "./modules.ts";

/** Where an expression is read. */
export interface Scope {
  readonly modules: SourceModules;
  readonly module: SourceModule;
  /** Constants that are being read: one that needs itself is not known. */
  readonly reading: readonly string[];
  /** Reads an expression of the scope's module. */
  readonly read: (expression: ts.Expression, scope: Scope) => Form;
}

/** Functions whose calls are definitions: what uses one names it, and its own changes are told once, where they are. */
const makers = new Set([
  "command",
  "defineConfig",
  "defineDataSource",
  "defineModel",
  "defineOptimizer",
  "defineTask",
  "extend",
  "fragment",
  "presets",
  "profiles",
  "with",
]);

/** The place of a node. */
export function placeOf(module: SourceModule, node: ts.Node): SourcePlace {
  const { line } = module.source.getLineAndCharacterOfPosition(node.getStart(module.source));
  return { file: module.file, line: line + 1 };
}

/** `(x as const)!`, `x satisfies T`: what is left when the types are gone. */
export function withoutTypes(expression: ts.Expression): ts.Expression {
  let node = expression;
  while (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node)
  ) {
    node = node.expression;
  }
  return node;
}

/** Whether an expression makes a definition: a call of one of Lockstep's or a task's functions. */
export function isDefinition(expression: ts.Expression): boolean {
  const node = withoutTypes(expression);
  if (!ts.isCallExpression(node)) return false;
  const callee = withoutTypes(node.expression);
  if (ts.isIdentifier(callee)) return makers.has(callee.text);
  return ts.isPropertyAccessExpression(callee) && makers.has(callee.name.text);
}
