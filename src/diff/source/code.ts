/** The meaning of code as a text: what formatting, comments, types and the names of its own variables do not change. */
import { ts } from "ts-morph";
import { formMeaning, isOfProject, quoted, referencesOf, type CodeForm } from "./form.ts";
import { declaredIn, isOwnScope } from "./local-names.ts";
import { resolveName } from "./resolve-name.ts";
import { isDefinition, placeOf, type Scope } from "./scope.ts";

export interface CodeOptions {
  readonly scope: Scope;
  /** Why its value is not known, where it stands for one. */
  readonly unknown?: string;
}

/** A node as code. */
export function codeForm(node: ts.Node, { scope, unknown }: CodeOptions): CodeForm {
  const writer: Writer = {
    scope,
    pieces: [],
    references: new Set(),
    names: [],
    numNames: { value: 0 },
  };
  write(node, writer);
  const at = placeOf(scope.module, node);
  const text = node.getText(scope.module.source);
  const references = [...writer.references];
  const meaning = writer.pieces.join(" ");
  return { kind: "code", meaning, text, references, at, ...(unknown !== undefined && { unknown }) };
}

interface Writer {
  readonly scope: Scope;
  readonly pieces: string[];
  readonly references: Set<string>;
  /** Names of the scopes around, innermost last, each with the number that stands for it. */
  readonly names: readonly ReadonlyMap<string, number>[];
  readonly numNames: { value: number };
}

function write(node: ts.Node, writer: Writer): void {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
  if (isTypeWrapper(node)) return write(node.expression, writer);
  if (ts.isModifier(node) && isTypeModifier(node)) return;
  if (ts.isTypeParameterDeclaration(node)) return;
  if (ts.isIdentifier(node)) return writeName(node, writer);
  if (isText(node)) return void writer.pieces.push(textMeaning(node));
  if (ts.isShorthandPropertyAssignment(node)) {
    writer.pieces.push("PropertyAssignment", `${JSON.stringify(node.name.text)}:`);
    return writeName(node.name, writer);
  }
  const inner = isOwnScope(node) ? withNames(writer, declaredIn(node)) : writer;
  writer.pieces.push(`${ts.SyntaxKind[node.kind]}(${operatorOf(node)}`);
  if (ts.isBindingElement(node)) writeShortKey(node, writer);
  ts.forEachChild(node, (child) => {
    if (isPropertyName(child, node)) writer.pieces.push(`${JSON.stringify(child.text)}:`);
    else write(child, inner);
  });
  writer.pieces.push(")");
}

/** `{ a }` takes the field `a`, whatever the variable is called. */
function writeShortKey(node: ts.BindingElement, { pieces }: Writer): void {
  const isShort = node.propertyName === undefined && node.dotDotDotToken === undefined;
  if (isShort && ts.isObjectBindingPattern(node.parent) && ts.isIdentifier(node.name))
    pieces.push(`${JSON.stringify(node.name.text)}:`);
}

type Wrapper =
  ts.AsExpression | ts.SatisfiesExpression | ts.NonNullExpression | ts.ParenthesizedExpression;

function isTypeWrapper(node: ts.Node): node is Wrapper {
  return (
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isParenthesizedExpression(node)
  );
}

function isTypeModifier(node: ts.Modifier): boolean {
  return ![ts.SyntaxKind.AsyncKeyword, ts.SyntaxKind.StaticKeyword].includes(node.kind);
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return (
    ts.isLiteralExpression(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddle(node) ||
    ts.isTemplateTail(node)
  );
}

function textMeaning(node: ts.LiteralLikeNode): string {
  if (ts.isNumericLiteral(node)) return String(Number(node.text));
  if (isTagged(node)) return `raw${quoted(node.rawText ?? node.text)}`; // a tag sees what was typed
  const text = quoted(node.text);
  return ts.isStringLiteralLike(node) ? text : `${ts.SyntaxKind[node.kind]}${text}`;
}

function isTagged(node: ts.Node): node is ts.TemplateLiteralLikeNode {
  const isPart = ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
  const template = ts.isTemplateHead(node) ? node.parent : isPart ? node.parent.parent : node;
  const isTemplate = isPart || ts.isNoSubstitutionTemplateLiteral(node);
  return isTemplate && ts.isTaggedTemplateExpression(template.parent);
}

/** What `forEachChild` does not show of a node. */
function operatorOf(node: ts.Node): string {
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
    return ts.SyntaxKind[node.operator];
  if (ts.isVariableDeclarationList(node))
    return String(node.flags & (ts.NodeFlags.Const | ts.NodeFlags.Let | ts.NodeFlags.Using));
  return "";
}

/** A key, or what stands after a dot: it keeps its name. */
function isPropertyName(child: ts.Node, parent: ts.Node): child is ts.Identifier {
  if (!ts.isIdentifier(child)) return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === child;
  if (ts.isBindingElement(parent)) return parent.propertyName === child;
  const hasKey =
    ts.isPropertyAssignment(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isAccessor(parent) ||
    ts.isPropertyDeclaration(parent);
  return hasKey && parent.name === child;
}

function withNames(writer: Writer, declared: readonly string[]): Writer {
  const numbers = new Map<string, number>();
  for (const name of declared) numbers.set(name, writer.numNames.value++);
  return { ...writer, names: [...writer.names, numbers] };
}

/** A variable of the code as its number, a constant of the module as its value, all else by its full name. */
function writeName(node: ts.Identifier, writer: Writer): void {
  const number = writer.names.findLast((names) => names.has(node.text))?.get(node.text);
  if (number !== undefined) return void writer.pieces.push(`$${String(number)}`);
  const { scope } = writer;
  const target = resolveName(scope.modules, scope.module, node.text);
  if (target.kind === "unknown") {
    // What is not followed counts as it is written: a `let` with its first value, an enum with its members.
    const text = target.node?.getText(target.module?.source) ?? node.text;
    return void writer.pieces.push(quoted(text));
  }
  if (target.kind === "module") return void writer.pieces.push(`<${target.module.file}#*>`);
  if (target.kind === "outside") return void writer.pieces.push(`<${target.name}>`);
  if (target.kind === "function" || target.kind === "expression") {
    const name = `${target.module.file}#${target.name}`;
    const isNamed = target.kind === "function" || isDefinition(target.value);
    if (isNamed || scope.reading.includes(name)) return refer(name, writer);
  }
  const form = scope.read(node, scope);
  for (const name of referencesOf(form)) writer.references.add(name);
  writer.pieces.push(formMeaning(form));
}

function refer(name: string, { pieces, references }: Writer): void {
  pieces.push(`<${name}>`);
  if (isOfProject(name)) references.add(name);
}
