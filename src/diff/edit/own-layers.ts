/** The layers that a module writes itself: the objects in the call that makes its definition. */
import { ts } from "ts-morph";
import { ExpError } from "../../core/errors.ts";
import type { Path } from "../../core/path.ts";
import { withoutTypes } from "../source/scope.ts";

/** A module's definition, parsed. */
export interface OwnDefinition {
  readonly source: ts.SourceFile;
  readonly call: ts.CallExpression;
  /** The objects among the call's arguments, in order: later ones win. */
  readonly objects: readonly ts.ObjectLiteralExpression[];
}

/** The line of a node, from 1. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/**
 * The call behind a module's default export.
 * @param file - As errors name it.
 * @throws {ExpError} `usage` where it is no call of `extend` or `defineConfig` in this module.
 */
export function ownDefinition(file: string, text: string): OwnDefinition {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const exported = source.statements.find(
    (one): one is ts.ExportAssignment => ts.isExportAssignment(one) && one.isExportEquals !== true,
  );
  let node = exported === undefined ? undefined : withoutTypes(exported.expression);
  if (node !== undefined && ts.isIdentifier(node)) node = constantOf(source, node.text) ?? node;
  if (node === undefined || !ts.isCallExpression(node) || !isMaker(node.expression)) {
    const line = exported === undefined ? "" : `:${String(lineOf(source, exported))}`;
    throw new ExpError(
      "usage",
      `${file}${line}: the default export is no call of extend or defineConfig.`,
      { hint: "Change the module in which the definition is made, or write extend(…) here." },
    );
  }
  const objects = node.arguments.map(withoutTypes).filter(ts.isObjectLiteralExpression);
  return { source, call: node, objects };
}

function isMaker(callee: ts.Expression): boolean {
  const node = withoutTypes(callee);
  const name = ts.isPropertyAccessExpression(node) ? node.name : node;
  return ts.isIdentifier(name);
}

/** What a constant at the top of the module is. */
function constantOf(source: ts.SourceFile, name: string): ts.Expression | undefined {
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: binding, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(binding) && binding.text === name && initializer !== undefined)
        return withoutTypes(initializer);
    }
  }
  return undefined;
}

/** Where a path is, or would be, written in an object. */
export type Found =
  /** Here it is. */
  | {
      readonly kind: "written";
      readonly property: ts.PropertyAssignment | ts.ShorthandPropertyAssignment | ts.Expression;
      readonly holder: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression;
      readonly value: ts.Expression;
    }
  /** The innermost object on the way to it does not write the rest. */
  | {
      readonly kind: "missing";
      readonly holder: ts.ObjectLiteralExpression;
      readonly depth: number;
    }
  /** On the way to it stands something that only running it would tell. */
  | { readonly kind: "computed"; readonly node: ts.Node; readonly depth: number };

/** Looks a path up in an object as it is written. */
export function findPath(object: ts.ObjectLiteralExpression, path: Path): Found {
  let holder: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression = object;
  for (const [depth, part] of path.entries()) {
    const found = ts.isArrayLiteralExpression(holder)
      ? itemOf(holder, part)
      : fieldOf(holder, part);
    if (found === undefined) {
      return ts.isArrayLiteralExpression(holder)
        ? { kind: "computed", node: holder, depth }
        : { kind: "missing", holder, depth };
    }
    if (found.value === undefined) return { kind: "computed", node: found.property, depth };
    const { property, value } = found;
    if (depth === path.length - 1) return { kind: "written", property, holder, value };
    const inner = innerObject(value);
    if (inner === undefined) return { kind: "computed", node: value, depth: depth + 1 };
    holder = inner;
  }
  return { kind: "computed", node: object, depth: 0 };
}

interface Entry {
  readonly property: ts.PropertyAssignment | ts.ShorthandPropertyAssignment | ts.Expression;
  /** Absent for a method or what has no value of its own. */
  readonly value: ts.Expression | undefined;
}

function fieldOf(holder: ts.ObjectLiteralExpression, part: string | number): Entry | undefined {
  const property = holder.properties.findLast(({ name }) => {
    const isPlain =
      name !== undefined &&
      (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name));
    return isPlain && name.text === part;
  });
  if (property === undefined) return undefined;
  if (ts.isPropertyAssignment(property))
    return { property, value: withoutTypes(property.initializer) };
  if (ts.isShorthandPropertyAssignment(property)) return { property, value: property.name };
  return { property: holder, value: undefined };
}

function itemOf(holder: ts.ArrayLiteralExpression, part: string | number): Entry | undefined {
  const before = holder.elements.slice(0, Number(part) + 1);
  const item = before[Number(part)];
  if (item === undefined || before.some(ts.isSpreadElement)) return undefined;
  return { property: item, value: withoutTypes(item) };
}

/** The object or list that stands there, also inside of `replace(…)`. */
function innerObject(
  value: ts.Expression,
): ts.ObjectLiteralExpression | ts.ArrayLiteralExpression | undefined {
  if (ts.isObjectLiteralExpression(value) || ts.isArrayLiteralExpression(value)) return value;
  const [first] = ts.isCallExpression(value) ? value.arguments : [];
  const isReplace =
    ts.isCallExpression(value) &&
    ts.isIdentifier(value.expression) &&
    value.expression.text === "replace";
  return isReplace && first !== undefined ? innerObject(withoutTypes(first)) : undefined;
}

/** Whether an expression is a value that is written out, without names and arithmetic. */
export function isLiteral(value: ts.Expression): boolean {
  const node = withoutTypes(value);
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.every(
      (one) => ts.isPropertyAssignment(one) && isLiteral(one.initializer),
    );
  }
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isLiteral);
  if (ts.isPrefixUnaryExpression(node)) return isLiteral(node.operand);
  const constants = [
    ts.SyntaxKind.TrueKeyword,
    ts.SyntaxKind.FalseKeyword,
    ts.SyntaxKind.NullKeyword,
  ];
  return ts.isStringLiteralLike(node) || ts.isNumericLiteral(node) || constants.includes(node.kind);
}
