/** Names that a module imports from Lockstep. */
import { ts } from "ts-morph";
import { ExpError } from "../../core/errors.ts";
import { edited } from "./edit-object.ts";
import { lineOf } from "./own-layers.ts";

/**
 * A module's text in which a name of Lockstep's is imported.
 * @throws {ExpError} `usage` where the module calls something else so.
 */
export function withImport(file: string, text: string, name: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imports = source.statements.filter(ts.isImportDeclaration);
  const own = imports.find(isOfLockstep);
  const bindings = own?.importClause?.namedBindings;
  const names =
    bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : undefined;
  if (names?.some((one) => one.name.text === name && one.propertyName === undefined)) return text;
  const other = declared(source, name);
  if (other !== undefined) {
    throw new ExpError(
      "usage",
      `${file}:${String(lineOf(source, other))}: ${name} is another thing here than Lockstep's ${name}, which the change needs.`,
      { hint: "Give it another name." },
    );
  }
  const last = names?.at(-1);
  if (last !== undefined)
    return edited(text, { start: last.end, end: last.end, text: `, ${name}` });
  const before = imports[0]?.getStart(source) ?? source.statements[0]?.getStart(source) ?? 0;
  const line = `import { ${name} } from "lockstep";\n`;
  return edited(text, { start: before, end: before, text: line });
}

function isOfLockstep({ moduleSpecifier, importClause }: ts.ImportDeclaration): boolean {
  const isValue = importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword;
  const bindings = importClause?.namedBindings;
  const isNamed =
    bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.length > 0;
  return (
    isValue && isNamed && ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text === "lockstep"
  );
}

/** What else has the name at the top of the module. */
function declared(source: ts.SourceFile, name: string): ts.Node | undefined {
  let found: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    const isName =
      (ts.isVariableDeclaration(node) ||
        ts.isFunctionDeclaration(node) ||
        ts.isImportSpecifier(node) ||
        ts.isImportClause(node)) &&
      node.name !== undefined &&
      ts.isIdentifier(node.name) &&
      node.name.text === name;
    if (isName) found ??= node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
