/** Which names a piece of code declares for itself. */
import { ts } from "ts-morph";

/** A node whose declarations are seen only inside of it. */
export function isOwnScope(node: ts.Node): boolean {
  return (
    ts.isFunctionLike(node) ||
    ts.isBlock(node) ||
    ts.isForStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isForInStatement(node) ||
    ts.isCatchClause(node) ||
    ts.isClassLike(node) ||
    ts.isCaseBlock(node)
  );
}

/**
 * The names that a scope declares, in the order in which they are written: parameters, variables, functions, classes.
 * `var` counts for the block that it stands in, which can only make two equal codes look different.
 */
export function declaredIn(scope: ts.Node): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isParameter(node) || ts.isVariableDeclaration(node)) addPattern(node.name, names);
    const isNamed = ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
    if (isNamed && node !== scope && node.name !== undefined) names.push(node.name.text);
    if (node !== scope && isOwnScope(node)) return;
    ts.forEachChild(node, visit);
  };
  const isNamedInside = ts.isFunctionExpression(scope) || ts.isClassExpression(scope);
  if (isNamedInside && scope.name !== undefined) names.push(scope.name.text);
  // A function that calls itself does so whatever it is called.
  if (ts.isFunctionDeclaration(scope) && scope.name !== undefined) names.push(scope.name.text);
  visit(scope);
  return [...new Set(names)];
}

function addPattern(name: ts.BindingName, names: string[]): void {
  if (ts.isIdentifier(name)) {
    names.push(name.text);
    return;
  }
  for (const element of name.elements)
    if (ts.isBindingElement(element)) addPattern(element.name, names);
}
