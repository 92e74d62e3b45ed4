/** Going through syntax trees. */
import { ts } from "ts-morph";
import { declaredIn, isOwnScope } from "../diff/source/local-names.ts";
import type { SourceModule } from "../diff/source/modules.ts";
import { withoutTypes } from "../diff/source/scope.ts";

/** A node with the module in which it is written. */
export interface Located<Node extends ts.Node = ts.Node> {
  readonly module: SourceModule;
  readonly node: Node;
}

/** A function of whatever form, but for accessors and constructors. */
export type FunctionNode =
  ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration | ts.MethodDeclaration;

/** Whether a node is one of those. */
export function isFunctionNode(node: ts.Node): node is FunctionNode {
  return (
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node)
  );
}

/**
 * Calls `enter` for a node and everything below it, types left out.
 * @param enter - Gives back `false` for a node that is not to be gone into.
 */
export function walk(node: ts.Node, enter: (node: ts.Node) => boolean | void): void {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
  if (enter(node) === false) return;
  ts.forEachChild(node, (child) => walk(child, enter));
}

const declared = new WeakMap<ts.Node, ReadonlySet<string>>();

/** Whether a name stands for a parameter or variable of the code around it, not for something of the module. */
export function isLocal(name: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = name.parent; scope; scope = scope.parent) {
    if (!isOwnScope(scope)) continue;
    const names = declared.get(scope) ?? new Set(declaredIn(scope));
    declared.set(scope, names);
    const isOwnName = ts.isFunctionDeclaration(scope) && scope.name?.text === name.text;
    if (names.has(name.text) && !isOwnName) return true;
  }
  return false;
}

/** Whether a name is used for what it stands for: it is no key, no declaration and nothing behind a dot. */
export function isUse(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === name;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === name;
  if (ts.isBindingElement(parent)) return parent.initializer === name;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent))
    return parent.initializer === name;
  return !(
    ts.isMethodDeclaration(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isExportSpecifier(parent)
  );
}

/** A number, text or boolean that is written out; `undefined` for any other expression. */
export function literalValue(expression: ts.Expression): number | string | boolean | undefined {
  const node = withoutTypes(expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  const isNegative = ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken;
  const inner = isNegative ? literalValue(node.operand) : undefined;
  return typeof inner === "number" ? -inner : undefined;
}

/** The name of a key that is written out. */
export function keyName(name: ts.PropertyName | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) return name.text;
  if (ts.isNumericLiteral(name)) return String(Number(name.text));
  const isText = ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression);
  return isText ? name.expression.text : undefined;
}

/** `learningRate`, `LEARNING_RATE` and `learning-rate` are one name. */
export function plainName(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
}

/** What a call is of: `defineTask`, also as `lockstep.defineTask`. */
export function calleeName(call: ts.CallExpression): string {
  const callee = withoutTypes(call.expression);
  if (ts.isIdentifier(callee)) return callee.text;
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : "";
}
