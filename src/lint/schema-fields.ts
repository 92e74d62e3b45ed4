/** The fields of zod schemas, read from the source: what they are called, hold and say, without running anything. */
import { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "../diff/source/modules.ts";
import { resolveName } from "../diff/source/resolve-name.ts";
import { withoutTypes } from "../diff/source/scope.ts";
import { calleeName, isFunctionNode, isLocal, keyName, type Located } from "./nodes.ts";

/** One field of an object schema. */
export interface SchemaField extends Located<ts.PropertyAssignment> {
  readonly key: string;
  /** Keys of the fields around it, outermost first. */
  readonly parents: readonly string[];
}

/** Calls of zod that make or extend an object. */
const objectMakers = new Set(["strictObject", "object", "looseObject", "extend", "safeExtend"]);

interface Reading {
  readonly modules: SourceModules;
  readonly found: SchemaField[];
  /** Expressions that were gone into: schemas may contain themselves. */
  readonly visited: Set<ts.Node>;
}

/**
 * The fields of a schema, those of objects in it and of schemas that it is made of included.
 * @param expression - The schema; names are followed through the modules of the project.
 */
export function schemaFields(
  modules: SourceModules,
  { module, node }: Located<ts.Expression>,
): readonly SchemaField[] {
  const reading: Reading = { modules, found: [], visited: new Set() };
  readExpression({ module, node }, [], reading);
  return reading.found;
}

/** The fields of all object schemas at the top of a module. */
export function moduleFields(modules: SourceModules, module: SourceModule): readonly SchemaField[] {
  const reading: Reading = { modules, found: [], visited: new Set() };
  const visit = (node: ts.Node): void => {
    if (isFunctionNode(node)) return;
    if (ts.isCallExpression(node) && isZodMaker(node)) {
      readExpression({ module, node }, [], reading);
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(module.source);
  return reading.found;
}

/** `z.strictObject({ … })`: an `object` or `extend` of anything else may be anything. */
function isZodMaker(call: ts.CallExpression): boolean {
  const callee = withoutTypes(call.expression);
  const isOfZod =
    ts.isPropertyAccessExpression(callee) &&
    ts.isIdentifier(callee.expression) &&
    ["z", "zod"].includes(callee.expression.text);
  const [argument] = call.arguments;
  return isOfZod && objectMakers.has(callee.name.text) && argument !== undefined;
}

function readExpression(at: Located<ts.Expression>, parents: readonly string[], to: Reading): void {
  const node = withoutTypes(at.node);
  if (to.visited.has(node)) return;
  to.visited.add(node);
  const { module } = at;
  if (ts.isIdentifier(node)) return readName({ module, node }, parents, to);
  if (ts.isCallExpression(node)) {
    const isObject = objectMakers.has(calleeName(node));
    for (const argument of node.arguments)
      if (isObject) readFields({ module, node: argument }, parents, to);
      else readExpression({ module, node: argument }, parents, to);
    if (ts.isPropertyAccessExpression(node.expression))
      readExpression({ module, node: node.expression.expression }, parents, to);
    return;
  }
  if (ts.isArrayLiteralExpression(node))
    for (const element of node.elements) readExpression({ module, node: element }, parents, to);
  if (ts.isSpreadElement(node)) readExpression({ module, node: node.expression }, parents, to);
  // `z.lazy(() => schema)`
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body))
    readExpression({ module, node: node.body }, parents, to);
}

function readName(at: Located<ts.Identifier>, parents: readonly string[], to: Reading): void {
  if (isLocal(at.node)) return;
  const target = resolveName(to.modules, at.module, at.node.text);
  if (target.kind === "expression" && target.key === undefined)
    readExpression({ module: target.module, node: target.value }, parents, to);
}

/** The object literal that is handed to `z.strictObject`, or a name of one. */
function readFields(at: Located<ts.Expression>, parents: readonly string[], to: Reading): void {
  const node = withoutTypes(at.node);
  const { module } = at;
  if (ts.isIdentifier(node)) {
    if (isLocal(node)) return;
    const target = resolveName(to.modules, module, node.text);
    if (target.kind !== "expression" || target.key !== undefined) return;
    return readFields({ module: target.module, node: target.value }, parents, to);
  }
  if (!ts.isObjectLiteralExpression(node) || to.visited.has(node)) return;
  to.visited.add(node);
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property))
      readFields({ module, node: property.expression }, parents, to);
    if (!ts.isPropertyAssignment(property)) continue;
    const key = keyName(property.name);
    if (key === undefined) continue;
    to.found.push({ module, node: property, key, parents });
    readExpression({ module, node: property.initializer }, [...parents, key], to);
  }
}

/** Names and calls gone through: an end for constants that are made of themselves. */
const maxDepth = 50;

/** The calls that a field's schema is made of, the first one last: `optional`, `min`, `int`. */
function schemaCalls(
  modules: SourceModules,
  { module, node }: Located<ts.Expression>,
  depth: number = 0,
): readonly ts.CallExpression[] {
  const bare = withoutTypes(node);
  if (depth > maxDepth) return [];
  if (ts.isIdentifier(bare) && !isLocal(bare)) {
    const target = resolveName(modules, module, bare.text);
    if (target.kind !== "expression" || target.key !== undefined) return [];
    return schemaCalls(modules, { module: target.module, node: target.value }, depth + 1);
  }
  if (!ts.isCallExpression(bare)) return [];
  const callee = withoutTypes(bare.expression);
  if (!ts.isPropertyAccessExpression(callee)) return [bare];
  return [bare, ...schemaCalls(modules, { module, node: callee.expression }, depth + 1)];
}

function callsOf(
  modules: SourceModules,
  { module, node }: SchemaField,
): readonly ts.CallExpression[] {
  return schemaCalls(modules, { module, node: node.initializer });
}

/** The name of the call that a field's schema begins with: `int` of `z.int().min(1)`. */
function firstCall(modules: SourceModules, field: SchemaField): string {
  const first = callsOf(modules, field).at(-1);
  return first === undefined ? "" : calleeName(first);
}

/** Whether a field holds a number. */
export function isNumeric(modules: SourceModules, field: SchemaField): boolean {
  return /^(?:number|int\d*|uint\d*|float\d*)$/u.test(firstCall(modules, field));
}

/** Whether a field is a constant that tells the members of a union apart. */
export function isLiteralField(modules: SourceModules, field: SchemaField): boolean {
  return firstCall(modules, field) === "literal";
}

/** What is said of a field: a doc comment before its key or its schema's constant, `.describe(…)`, `.meta({ description })`. */
export function fieldDoc(modules: SourceModules, field: SchemaField): string | undefined {
  return (
    docBefore(field.module, field.node) ??
    callsOf(modules, field).flatMap(describedBy)[0] ??
    constantDoc(modules, field)
  );
}

function describedBy(call: ts.CallExpression): readonly string[] {
  const [argument] = call.arguments;
  const name = calleeName(call);
  if (argument === undefined) return [];
  const isMeta = name === "meta" && /\bdescription\b/u.test(argument.getText());
  return name === "describe" || isMeta ? [argument.getText()] : [];
}

/** The comment before the constant, or the key of one, that a schema begins with: `rate.optional()`, `files.path`. */
function constantDoc(modules: SourceModules, { module, node }: SchemaField): string | undefined {
  let value = withoutTypes(node.initializer);
  while (ts.isCallExpression(value) && ts.isPropertyAccessExpression(value.expression))
    value = withoutTypes(value.expression.expression);
  const member = ts.isPropertyAccessExpression(value) ? value : undefined;
  const name = member === undefined ? value : withoutTypes(member.expression);
  if (!ts.isIdentifier(name) || isLocal(name)) return undefined;
  const target = resolveName(modules, module, name.text);
  if (target.kind !== "expression") return undefined;
  if (member !== undefined) return memberDoc(target, member.name.text);
  const statement = ts.findAncestor(target.value, ts.isVariableStatement);
  return statement === undefined ? undefined : docBefore(target.module, statement);
}

function memberDoc(
  { module, value }: { readonly module: SourceModule; readonly value: ts.Expression },
  key: string,
): string | undefined {
  const object = withoutTypes(value);
  if (!ts.isObjectLiteralExpression(object)) return undefined;
  const property = object.properties.find((one) => keyName(one.name) === key);
  return property && docBefore(module, property);
}

/** The doc comment directly before a node. */
function docBefore({ source }: SourceModule, node: ts.Node): string | undefined {
  const before = source.text.slice(node.getFullStart(), node.getStart(source));
  return /\/\*\*(?!\/)(?:(?!\*\/)[\s\S])*\*\/\s*$/u.exec(before)?.[0];
}

/** Whether a field's schema names its unit: `.meta(field({ unit: "steps" }))`. */
export function hasUnit(modules: SourceModules, field: SchemaField): boolean {
  return callsOf(modules, field).some(
    (call) =>
      calleeName(call) === "meta" &&
      call.arguments.some((argument) => /\bunit\b/u.test(argument.getText())),
  );
}
