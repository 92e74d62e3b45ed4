/** The modules of one side of a comparison: parsed when they are first asked for, never run. */
import { posix } from "node:path";
import { ts } from "ts-morph";

/** What a name at the top of a module stands for. */
export type Binding =
  | { readonly kind: "constant"; readonly value: ts.Expression }
  /** `const { a: b } = value`. */
  | { readonly kind: "part"; readonly value: ts.Expression; readonly key: string }
  | { readonly kind: "function"; readonly node: ts.FunctionDeclaration | ts.ClassDeclaration }
  | { readonly kind: "import"; readonly from: string; readonly name: string }
  /** `let`, enums and other things that are not followed. */
  | { readonly kind: "other"; readonly node: ts.Node };

export interface SourceModule {
  /** Relative to the repository, with slashes. */
  readonly file: string;
  readonly source: ts.SourceFile;
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Exported name → the binding's name, an expression (`export default …`), or another module's export. */
  readonly exported: ReadonlyMap<string, ModuleExport>;
  /** What `export * from` names. */
  readonly exportsAllOf: readonly string[];
  /** Names at its top that something was read through so far, `default` among them. */
  readonly used: Set<string>;
}

export type ModuleExport =
  | { readonly kind: "binding"; readonly name: string }
  | { readonly kind: "expression"; readonly value: ts.Expression }
  | { readonly kind: "import"; readonly from: string; readonly name: string };

export interface SourceModules {
  /** The module in a file; `undefined` where there is none. */
  readonly module: (file: string) => SourceModule | undefined;
  /** The file that an import of `from` in `file` means; `undefined` for a package's module. */
  readonly resolveImport: (file: string, from: string) => string | undefined;
}

/** @param read - The text of a file by its path relative to the repository; `undefined` where there is none. */
export function sourceModules(read: (file: string) => string | undefined): SourceModules {
  const known = new Map<string, SourceModule | undefined>();
  const module = (file: string): SourceModule | undefined => {
    if (!known.has(file)) {
      const text = read(file);
      known.set(file, text === undefined ? undefined : parse(file, text));
    }
    return known.get(file);
  };
  const resolveImport = (file: string, from: string): string | undefined => {
    if (!from.startsWith(".")) return undefined;
    const path = posix.join(posix.dirname(file), from);
    return candidates(path).find((one) => module(one) !== undefined) ?? path;
  };
  return { module, resolveImport };
}

/** `./x.js` may mean `x.ts`, as TypeScript reads it. */
function candidates(path: string): readonly string[] {
  const base = path.replace(/\.([cm]?)js$/u, ".$1ts");
  return [...new Set([path, base, `${path}.ts`, `${path}/index.ts`])].filter((one) =>
    /\.(?:[cm]?[jt]sx?|json)$/u.test(one),
  );
}

/** A JSON file is a module that exports what it says. */
function parse(file: string, written: string): SourceModule {
  const isJson = file.endsWith(".json");
  const text = isJson ? `export default ${written}` : written;
  const kind = isJson ? ts.ScriptKind.TS : undefined;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const bindings = new Map<string, Binding>();
  const exported = new Map<string, ModuleExport>();
  const exportsAllOf: string[] = [];
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) addImports(statement, bindings);
    else if (ts.isVariableStatement(statement)) addVariables(statement, bindings, exported);
    else if (ts.isExportAssignment(statement)) {
      exported.set("default", { kind: "expression", value: statement.expression });
    } else if (ts.isExportDeclaration(statement)) addExports(statement, exported, exportsAllOf);
    else if (isNamed(statement)) addDeclaration(statement, bindings, exported);
  }
  return { file, source, bindings, exported, exportsAllOf, used: new Set() };
}

function moduleName(node: ts.Expression | undefined): string {
  return node !== undefined && ts.isStringLiteral(node) ? node.text : "";
}

function addImports(statement: ts.ImportDeclaration, bindings: Map<string, Binding>): void {
  const from = moduleName(statement.moduleSpecifier);
  const clause = statement.importClause;
  if (clause === undefined) return;
  if (clause.name !== undefined) {
    bindings.set(clause.name.text, { kind: "import", from, name: "default" });
  }
  const imported = clause.namedBindings;
  if (imported === undefined) return;
  if (ts.isNamespaceImport(imported)) {
    bindings.set(imported.name.text, { kind: "import", from, name: "*" });
    return;
  }
  for (const { name, propertyName } of imported.elements) {
    bindings.set(name.text, { kind: "import", from, name: (propertyName ?? name).text });
  }
}

function isExported(node: ts.Node): boolean {
  return ts.canHaveModifiers(node)
    ? (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false;
}

function addVariables(
  statement: ts.VariableStatement,
  bindings: Map<string, Binding>,
  exported: Map<string, ModuleExport>,
): void {
  const isConstant = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
  const names: string[] = [];
  for (const { name, initializer } of statement.declarationList.declarations) {
    if (ts.isIdentifier(name)) {
      names.push(name.text);
      const isKnown = isConstant && initializer !== undefined;
      bindings.set(
        name.text,
        isKnown ? { kind: "constant", value: initializer } : { kind: "other", node: statement },
      );
      continue;
    }
    for (const part of name.elements) {
      if (!ts.isBindingElement(part) || !ts.isIdentifier(part.name)) continue;
      names.push(part.name.text);
      bindings.set(part.name.text, partBinding({ part, initializer, isConstant }));
    }
  }
  if (isExported(statement))
    for (const name of names) exported.set(name, { kind: "binding", name });
}

interface PatternPart {
  readonly part: ts.BindingElement;
  readonly initializer: ts.Expression | undefined;
  readonly isConstant: boolean;
}

/** `const { a: b } = value`; nested patterns, lists, rests and defaults are not followed. */
function partBinding({ part, initializer, isConstant }: PatternPart): Binding {
  const key = part.propertyName ?? part.name;
  const isPlain = part.dotDotDotToken === undefined && part.initializer === undefined;
  const isField = ts.isObjectBindingPattern(part.parent) && ts.isIdentifier(key);
  if (!isConstant || !isPlain || !isField || initializer === undefined)
    return { kind: "other", node: part };
  return { kind: "part", value: initializer, key: key.text };
}

function addExports(
  statement: ts.ExportDeclaration,
  exported: Map<string, ModuleExport>,
  exportsAllOf: string[],
): void {
  const from = moduleName(statement.moduleSpecifier);
  const clause = statement.exportClause;
  if (clause === undefined) exportsAllOf.push(from);
  else if (ts.isNamespaceExport(clause)) {
    exported.set(clause.name.text, { kind: "import", from, name: "*" });
  } else {
    for (const { name, propertyName } of clause.elements) {
      const inner = (propertyName ?? name).text;
      exported.set(
        name.text,
        from === "" ? { kind: "binding", name: inner } : { kind: "import", from, name: inner },
      );
    }
  }
}

type NamedStatement = ts.FunctionDeclaration | ts.ClassDeclaration | ts.EnumDeclaration;

function isNamed(node: ts.Statement): node is NamedStatement {
  return (
    ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isEnumDeclaration(node)
  );
}

function addDeclaration(
  node: NamedStatement,
  bindings: Map<string, Binding>,
  exported: Map<string, ModuleExport>,
): void {
  const isDefault = (ts.getModifiers(node) ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.DefaultKeyword,
  );
  const name = node.name?.text ?? "default";
  bindings.set(
    name,
    ts.isEnumDeclaration(node) ? { kind: "other", node } : { kind: "function", node },
  );
  if (isExported(node)) exported.set(isDefault ? "default" : name, { kind: "binding", name });
}
