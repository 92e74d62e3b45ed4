/**
 * What a module does by being loaded, beside what it defines: statements, constants that nothing reads and that call
 * something, packages that it imports. Whoever reads a comparison of an untrusted branch wants to see these most.
 */
import { isBuiltin } from "node:module";
import { ts } from "ts-morph";
import { codeForm } from "./code.ts";
import type { Form, ObjectForm } from "./form.ts";
import type { SourceModule, SourceModules } from "./modules.ts";
import { resolveName } from "./resolve-name.ts";
import { isDefinition, withoutTypes, type Scope } from "./scope.ts";

/** What the code of a module is called among its definitions; no export can be called so. */
const codeName = "(module)";

/** The name of the code of a file. */
export function nameOfModuleCode(file: string): string {
  return `${file}#${codeName}`;
}

/** The file of such a name; `undefined` for the name of a definition. */
export function fileOfModuleCode(name: string): string | undefined {
  return name.endsWith(`#${codeName}`) ? name.slice(0, -codeName.length - 1) : undefined;
}

/** The code of a module that does nothing. */
export function noCode(file: string): ObjectForm {
  return { kind: "object", fields: new Map(), at: { file, line: 1 } };
}

/** A module and everything of the project that is executed with it. */
export function executedModules(
  modules: SourceModules,
  start: SourceModule,
): readonly SourceModule[] {
  const found = new Set([start]);
  for (const module of found) {
    for (const from of importsIn(module)) {
      const file = modules.resolveImport(module.file, from);
      const imported = file === undefined ? undefined : modules.module(file);
      if (imported !== undefined) found.add(imported); // grows while it is gone through
    }
  }
  return [...found];
}

/**
 * What a module does by being loaded. Constants that were read before are part of what reads them, so definitions are to
 * be read first.
 * @returns `undefined` where it does nothing.
 */
export function moduleCode(scope: Scope): ObjectForm | undefined {
  const { module } = scope;
  const packages = importsIn(module).filter((from) => isForeign(from, scope));
  // Statements first: a constant that one of them reads is told with it.
  const [constants, others] = [true, false].map((areConstants) =>
    module.source.statements.filter((one) => isConstants(one) === areConstants),
  );
  const loose = [...(others ?? []), ...(constants ?? [])].flatMap((statement) =>
    looseParts(statement, scope).map((node) => codeForm(node, { scope })),
  );
  if (packages.length === 0 && loose.length === 0) return undefined;
  const at = { file: module.file, line: 1 };
  const fields = new Map<string, Form>();
  if (packages.length > 0) {
    const items = packages.toSorted().map((value): Form => ({ kind: "value", value, at }));
    fields.set("imports", { kind: "list", items, at });
  }
  const first = loose[0]?.at ?? at;
  if (loose.length > 0) fields.set("statements", { kind: "list", items: loose, at: first });
  return { kind: "object", fields, at: first };
}

/** What the import and export statements name that are left when the types are gone. */
function importsIn({ source }: SourceModule): readonly string[] {
  return source.statements.flatMap((statement) => {
    const isImport =
      ts.isImportDeclaration(statement) && statement.importClause?.isTypeOnly !== true;
    const isExport = ts.isExportDeclaration(statement) && !statement.isTypeOnly;
    const from = isImport || isExport ? statement.moduleSpecifier : undefined;
    return from !== undefined && ts.isStringLiteral(from) ? [from.text] : [];
  });
}

/** Of a package that may do anything, or a file that is no text; Lockstep, zod and Node's own modules only define. */
function isForeign(from: string, { modules, module }: Scope): boolean {
  const file = modules.resolveImport(module.file, from);
  if (file !== undefined) return modules.module(file) === undefined;
  return !/^(?:lockstep|zod)(?:$|\/)/u.test(from) && !isBuiltin(from);
}

function isConstants(statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement);
}

/** The parts of a statement that act; none of one that only declares. */
function looseParts(statement: ts.Statement, scope: Scope): readonly ts.Node[] {
  const { used } = scope.module;
  if (isDeclared(statement) || ts.isImportDeclaration(statement)) return [];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.filter((declaration) => {
      const { name, initializer } = declaration;
      return (
        initializer !== undefined &&
        !namesIn(name).some((one) => used.has(one)) &&
        acts(initializer, scope)
      );
    });
  }
  if (ts.isExportAssignment(statement)) {
    return !used.has("default") && acts(statement.expression, scope) ? [statement] : [];
  }
  if (ts.isClassDeclaration(statement)) {
    return !used.has(statement.name?.text ?? "default") && acts(statement, scope)
      ? [statement]
      : [];
  }
  const isQuiet =
    ts.isExportDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEmptyStatement(statement);
  return isQuiet ? [] : [statement];
}

function isDeclared(node: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
  );
}

function namesIn(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((part) => (ts.isBindingElement(part) ? namesIn(part.name) : []));
}

/** Whether evaluating a node does anything but make a value. A function in it is not called. */
function acts(node: ts.Node, scope: Scope): boolean {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return false;
  if (ts.isFunctionLike(node)) return false;
  if (isAct(node, scope)) return true;
  return ts.forEachChild(node, (child) => acts(child, scope)) === true;
}

function isAct(node: ts.Node, scope: Scope): boolean {
  if (ts.isCallExpression(node)) return !isDefinition(node) && !isHarmless(node.expression, scope);
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  }
  const isStep = ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node);
  if (isStep)
    return [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(node.operator);
  return (
    ts.isNewExpression(node) ||
    ts.isTaggedTemplateExpression(node) ||
    ts.isAwaitExpression(node) ||
    ts.isDeleteExpression(node) ||
    ts.isDecorator(node)
  );
}

/** A function of Lockstep or zod, or a method of what one gave back: `z.number().default`. */
function isHarmless(callee: ts.Expression, scope: Scope): boolean {
  const node = withoutTypes(callee);
  if (ts.isPropertyAccessExpression(node)) return isHarmless(node.expression, scope);
  if (ts.isCallExpression(node)) return isHarmless(node.expression, scope);
  if (!ts.isIdentifier(node)) return false;
  const binding = scope.module.bindings.get(node.text);
  if (binding === undefined) return false;
  const target = resolveName(scope.modules, scope.module, node.text, { isReading: false });
  return target.kind === "outside" && /^(?:lockstep|zod)(?:\/[^#]*)?#/u.test(target.name);
}
