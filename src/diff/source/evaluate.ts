/** Reads an expression without running it: constants are followed, functions and unknown values stay code. */
import { ts } from "ts-morph";
import { codeForm } from "./code.ts";
import type { Form, SourcePlace } from "./form.ts";
import { operate } from "./operate.ts";
import { resolveExport, resolveName, type Target } from "./resolve-name.ts";
import { isDefinition, placeOf, withoutTypes, type Scope } from "./scope.ts";

/** What an expression at the top of a module says. */
export function evaluate(expression: ts.Expression, scope: Scope): Form {
  const node = withoutTypes(expression);
  const at = placeOf(scope.module, node);
  if (ts.isStringLiteralLike(node)) return { kind: "value", value: node.text, at };
  if (ts.isNumericLiteral(node)) return { kind: "value", value: Number(node.text), at };
  if (ts.isIdentifier(node)) return readName(node, scope);
  if (ts.isObjectLiteralExpression(node)) return readObject(node, scope);
  if (ts.isArrayLiteralExpression(node)) return readList(node, scope);
  if (ts.isCallExpression(node)) {
    const callee = evaluate(node.expression, scope);
    if (callee.kind === "code") return codeForm(node, { scope, unknown: "it is computed" });
    return { kind: "call", callee, items: readItems(node.arguments, scope), at };
  }
  if (ts.isPropertyAccessExpression(node)) {
    return memberOf(evaluateTarget(node.expression, scope), { name: node.name.text, node, scope });
  }
  if (ts.isElementAccessExpression(node)) return readElement(node, scope);
  return (
    literal(node, at) ?? operate(node, (part) => evaluate(part, scope), at) ?? unread(node, scope)
  );
}

function literal(node: ts.Expression, at: SourcePlace): Form | undefined {
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return { kind: "value", value: true, at };
    case ts.SyntaxKind.FalseKeyword:
      return { kind: "value", value: false, at };
    case ts.SyntaxKind.NullKeyword:
      return { kind: "value", value: null, at };
    default:
      return undefined;
  }
}

function unread(node: ts.Expression, scope: Scope): Form {
  const isFunction = ts.isArrowFunction(node) || ts.isFunctionExpression(node);
  const unknown = isFunction ? {} : { unknown: "it is computed" };
  return codeForm(node, { scope, ...unknown });
}

function readName(node: ts.Identifier, scope: Scope): Form {
  const at = placeOf(scope.module, node);
  if (node.text === "undefined") return { kind: "value", value: undefined, at };
  return targetForm(resolveName(scope.modules, scope.module, node.text), { node, scope });
}

interface Use {
  readonly node: ts.Expression;
  readonly scope: Scope;
}

/** A name as what it stands for: plain values and calls such as `choice` in full, definitions by their name. */
function targetForm(target: Target, { node, scope }: Use): Form {
  const at = placeOf(scope.module, node);
  switch (target.kind) {
    case "outside":
      return target.name.startsWith("#")
        ? codeForm(node, { scope, unknown: "it is computed" })
        : { kind: "reference", name: target.name, at };
    case "function":
      return { kind: "reference", name: `${target.module.file}#${target.name}`, at };
    case "module":
      return codeForm(node, { scope, unknown: "it is a whole module" });
    case "unknown":
      return codeForm(node, { scope, unknown: target.reason });
    case "expression":
      return constantForm(target, { node, scope });
  }
}

type Constant = Extract<Target, { kind: "expression" }>;

function constantForm(target: Constant, { node, scope }: Use): Form {
  const name = `${target.module.file}#${target.name}`;
  if (isDefinition(target.value)) {
    const at = placeOf(scope.module, node);
    if (target.key === undefined) return { kind: "reference", name, at };
  }
  if (scope.reading.includes(name))
    return codeForm(node, { scope, unknown: `${target.name} needs itself` });
  const inner = { ...scope, module: target.module, reading: [...scope.reading, name] };
  const form = evaluate(target.value, inner);
  if (target.key !== undefined) {
    return memberOf(form, { name: target.key, node: target.value, scope: inner });
  }
  // A function in a constant is told of by itself, as a declared one.
  const isFunction = form.kind === "code" && form.unknown === undefined;
  return isFunction ? { kind: "reference", name, at: placeOf(scope.module, node) } : form;
}

/** Like `evaluate`, but a namespace import is followed to the module. */
function evaluateTarget(expression: ts.Expression, scope: Scope): Form | Target {
  const node = withoutTypes(expression);
  if (!ts.isIdentifier(node)) return evaluate(node, scope);
  const target = resolveName(scope.modules, scope.module, node.text);
  return target.kind === "module" ? target : evaluate(node, scope);
}

interface MemberUse extends Use {
  readonly name: string;
}

function memberOf(target: Form | Target, { name, node, scope }: MemberUse): Form {
  const at = placeOf(scope.module, node);
  switch (target.kind) {
    case "module":
      return targetForm(resolveExport(scope.modules, target.module, name), { node, scope });
    case "object":
      return (
        target.fields.get(name) ??
        codeForm(node, { scope, unknown: `${name} is not written there` })
      );
    case "reference":
      return target.name.endsWith("#*")
        ? { kind: "reference", name: target.name.replace(/\*$/u, name), at }
        : { kind: "member", target, name, at };
    case "call":
    case "member":
      return { kind: "member", target, name, at };
    default:
      return codeForm(node, { scope, unknown: "it is computed" });
  }
}

function readElement(node: ts.ElementAccessExpression, scope: Scope): Form {
  const key = evaluate(node.argumentExpression, scope);
  const target = evaluate(node.expression, scope);
  if (key.kind === "value" && target.kind === "list" && typeof key.value === "number") {
    return target.items[key.value] ?? codeForm(node, { scope, unknown: "there is no such item" });
  }
  if (key.kind !== "value") return codeForm(node, { scope, unknown: "its key is computed" });
  return memberOf(target, { name: String(key.value), node, scope });
}

function readList(node: ts.ArrayLiteralExpression, scope: Scope): Form {
  return { kind: "list", items: readItems(node.elements, scope), at: placeOf(scope.module, node) };
}

/** Items of a list or arguments of a call, with those of a known list that is spread among them. */
function readItems(nodes: readonly ts.Expression[], scope: Scope): readonly Form[] {
  return nodes.flatMap((node): readonly Form[] => {
    if (!ts.isSpreadElement(node)) return [evaluate(node, scope)];
    const inner = evaluate(node.expression, scope);
    return inner.kind === "list"
      ? inner.items
      : [codeForm(node, { scope, unknown: "it is computed" })];
  });
}

function readObject(node: ts.ObjectLiteralExpression, scope: Scope): Form {
  const fields = new Map<string, Form>();
  for (const property of node.properties) addProperty(fields, property, scope);
  return { kind: "object", fields, at: placeOf(scope.module, node) };
}

/** Later fields replace earlier ones, as when the object is made. */
function addProperty(
  fields: Map<string, Form>,
  property: ts.ObjectLiteralElementLike,
  scope: Scope,
): void {
  if (ts.isSpreadAssignment(property)) {
    const inner = evaluate(property.expression, scope);
    if (inner.kind === "object") for (const [name, form] of inner.fields) fields.set(name, form);
    else fields.set(`...${String(fields.size)}`, inner);
    return;
  }
  const name = propertyName(property, scope);
  if (name === undefined) {
    fields.set(
      `...${String(fields.size)}`,
      codeForm(property, { scope, unknown: "its key is computed" }),
    );
  } else if (ts.isPropertyAssignment(property)) {
    fields.set(name, evaluate(property.initializer, scope));
  } else if (ts.isShorthandPropertyAssignment(property)) {
    fields.set(name, readName(property.name, scope));
  } else fields.set(name, codeForm(property, { scope }));
}

function propertyName(property: ts.ObjectLiteralElementLike, scope: Scope): string | undefined {
  const { name } = property;
  if (name === undefined) return undefined;
  if (!ts.isComputedPropertyName(name))
    return ts.isNumericLiteral(name) ? String(Number(name.text)) : name.text;
  const key = evaluate(name.expression, scope);
  return key.kind === "value" ? String(key.value) : undefined;
}
