/** How a module comes by the task of the definition that it makes: what another module must import to make one too. */
import { ts } from "ts-morph";
import { ExpError } from "../../core/errors.ts";

/** A place in a text, both from 1. */
interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What `defineConfig` is reached by. */
export interface TaskImport {
  /** The call's function as it is written: `defineConfig`, `training.defineConfig`. */
  readonly callee: string;
  /** What is imported, in braces or not: `{ defineConfig }`, `{ line as task }`, `tasks`, `* as tasks`. */
  readonly clause: string;
  /** From where: a package, or a path relative to the module; `undefined` for the module itself, which exports it. */
  readonly from: string | undefined;
}

/**
 * What a module's call of `defineConfig` is reached by.
 * @param file - The module, as errors name it.
 * @param place - Of the call, or of its function's name.
 * @throws {ExpError} `module` where there is no such call, or where its task is neither imported nor exported.
 */
export function taskImport(file: string, text: string, place: TextPlace): TaskImport {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const call = findCall(source, place);
  const callee = call?.expression;
  const root = callee === undefined ? undefined : leftmost(callee);
  if (callee === undefined || root === undefined) {
    throw new ExpError(
      "module",
      `${file}:${String(place.line)}: no call of defineConfig is here.`,
      {
        hint: "The file was changed after the run, or makes its definition in another way; write the module by hand.",
      },
    );
  }
  const imported = importOf(source, root.text);
  if (imported !== undefined) return { callee: callee.getText(source), ...imported };
  const exported = exportedAs(source, root.text);
  if (exported === undefined) throw notExported(file, root.text, place);
  const clause =
    exported === "default"
      ? root.text
      : `{ ${exported === root.text ? exported : `${exported} as ${root.text}`} }`;
  return { callee: callee.getText(source), clause, from: undefined };
}

function notExported(file: string, name: string, { line }: TextPlace): ExpError {
  const message = `${file}:${String(line)}: ${name} is not exported, so no other module can define a config of its task.`;
  return new ExpError("module", message, { hint: `Write export const ${name} = … in ${file}.` });
}

/** The call at a place; else the only one on its line whose function is called `defineConfig`. */
function findCall(
  source: ts.SourceFile,
  { line, column }: TextPlace,
): ts.CallExpression | undefined {
  const onLine: ts.CallExpression[] = [];
  let exact: ts.CallExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const starts = [node, lastName(node.expression)].map((one) =>
        source.getLineAndCharacterOfPosition(one.getStart(source)),
      );
      const isHere = starts.some((one) => one.line + 1 === line && one.character + 1 === column);
      if (isHere) exact = node;
      const isNamed = lastName(node.expression).getText(source) === "defineConfig";
      if (isNamed && starts.some((one) => one.line + 1 === line)) onLine.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return exact ?? (onLine.length === 1 ? onLine[0] : undefined);
}

function lastName(callee: ts.Expression): ts.Node {
  return ts.isPropertyAccessExpression(callee) ? callee.name : callee;
}

function leftmost(callee: ts.Expression): ts.Identifier | undefined {
  let node = callee;
  while (ts.isPropertyAccessExpression(node)) node = node.expression;
  return ts.isIdentifier(node) ? node : undefined;
}

function importOf(
  source: ts.SourceFile,
  name: string,
): Pick<TaskImport, "clause" | "from"> | undefined {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier))
      continue;
    const clause = statement.importClause;
    const from = statement.moduleSpecifier.text;
    if (clause?.name?.text === name) return { clause: name, from };
    const bindings = clause?.namedBindings;
    if (bindings === undefined) continue;
    if (ts.isNamespaceImport(bindings)) {
      if (bindings.name.text === name) return { clause: `* as ${name}`, from };
      continue;
    }
    const found = bindings.elements.find((one) => one.name.text === name);
    if (found !== undefined) return { clause: `{ ${found.getText(source)} }`, from };
  }
  return undefined;
}

/** The name under which a module exports one of its own; `undefined` where it does not. */
function exportedAs(source: ts.SourceFile, name: string): string | undefined {
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement) && isExported(statement)) {
      if (statement.declarationList.declarations.some((one) => declares(one.name, name)))
        return name;
    }
    if (ts.isExportAssignment(statement) && ts.isIdentifier(statement.expression)) {
      if (statement.expression.text === name) return "default";
    }
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) continue;
    const clause = statement.exportClause;
    if (clause === undefined || !ts.isNamedExports(clause)) continue;
    const found = clause.elements.find((one) => (one.propertyName ?? one.name).text === name);
    if (found !== undefined) return found.name.text;
  }
  return undefined;
}

function isExported(statement: ts.VariableStatement): boolean {
  return (statement.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function declares(binding: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(binding)) return binding.text === name;
  return binding.elements.some((one) => ts.isBindingElement(one) && declares(one.name, name));
}
