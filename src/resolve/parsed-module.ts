/** A module's text as a tree, with the names that lead to literals. */
import type * as oxc from "oxc-parser";
import type { CallSite } from "../config/call-site.ts";

export interface ParsedModule {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  readonly program: oxc.Program;
  /** In the order of the text. */
  readonly comments: readonly oxc.Comment[];
  /** Offsets at which lines begin. */
  readonly lineStarts: readonly number[];
  /** What top-level `const`s hold. */
  readonly constants: ReadonlyMap<string, oxc.Expression>;
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>;
  /** Expressions by the name under which they are exported. */
  readonly exports: ReadonlyMap<string, oxc.Expression>;
}

/** Parses a module; broken code gives what could be read of it. */
export function parseModule(
  parser: Pick<typeof oxc, "parseSync">,
  file: string,
  text: string,
): ParsedModule {
  const parsed = parser.parseSync(file, text);
  const { program } = parsed;
  const constants = new Map<string, oxc.Expression>();
  const imports = new Map<string, { readonly from: string; readonly name: string }>();
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") readImport(statement, imports);
    const declaration =
      statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type === "VariableDeclaration") readConstants(declaration, constants);
  }
  return {
    file,
    text,
    program,
    get comments() {
      return parsed.comments; // copied out of the parser only when they are asked for
    },
    lineStarts: lineStartsOf(text),
    constants,
    imports,
    exports: readExports(program, constants),
  };
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g))
    starts.push(match.index + match[0].length);
  return starts;
}

function readImport(
  statement: oxc.ImportDeclaration,
  imports: Map<string, { readonly from: string; readonly name: string }>,
): void {
  const from = statement.source.value;
  for (const specifier of statement.specifiers) {
    const { local } = specifier;
    if (specifier.type === "ImportDefaultSpecifier")
      imports.set(local.name, { from, name: "default" });
    if (specifier.type !== "ImportSpecifier") continue;
    const { imported } = specifier;
    const name = imported.type === "Literal" ? imported.value : imported.name;
    imports.set(local.name, { from, name });
  }
}

function readConstants(
  declaration: oxc.VariableDeclaration,
  constants: Map<string, oxc.Expression>,
): void {
  if (declaration.kind !== "const") return;
  for (const { id, init } of declaration.declarations) {
    if (id.type === "Identifier" && init) constants.set(id.name, init);
  }
}

function readExports(
  program: oxc.Program,
  constants: ReadonlyMap<string, oxc.Expression>,
): ReadonlyMap<string, oxc.Expression> {
  const named = new Map(constants); // a name that is not exported cannot be imported either
  for (const statement of program.body) {
    if (statement.type === "ExportDefaultDeclaration") {
      const { declaration } = statement;
      const isDeclared =
        declaration.type === "FunctionDeclaration" ||
        declaration.type === "ClassDeclaration" ||
        declaration.type === "TSDeclareFunction" ||
        declaration.type === "TSEmptyBodyFunctionExpression" ||
        declaration.type === "TSInterfaceDeclaration";
      if (!isDeclared) named.set("default", declaration);
    }
    if (statement.type !== "ExportNamedDeclaration" || statement.source !== null) continue;
    for (const { local, exported } of statement.specifiers) {
      const value = local.type === "Identifier" ? constants.get(local.name) : undefined;
      const name = exported.type === "Literal" ? exported.value : exported.name;
      if (value !== undefined) named.set(name, value);
    }
  }
  return named;
}

/** Line and column of an offset, both from 1. */
export function placeIn({ file, lineStarts }: ParsedModule, offset: number): CallSite {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { file, line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}

/** The call whose callee stands at a place: the innermost, where calls are chained. */
export function findCall(module: ParsedModule, call: CallSite): oxc.CallExpression | undefined {
  const lineStart = module.lineStarts[call.line - 1];
  if (lineStart === undefined) return undefined;
  const offset = lineStart + call.column - 1;
  let found: oxc.CallExpression | undefined;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) visit(item);
    if (!isNode(node) || offset < node.start || offset > node.end) return;
    if (isCall(node) && node.callee.start <= offset && offset < node.callee.end) found = node;
    for (const child of Object.values(node)) if (typeof child === "object") visit(child);
  };
  visit(module.program);
  return found;
}

function isNode(value: unknown): value is { readonly type: string } & oxc.Span {
  if (typeof value !== "object" || value === null) return false;
  return "type" in value && "start" in value && typeof value.start === "number" && "end" in value;
}

function isCall(node: { readonly type: string }): node is oxc.CallExpression {
  return node.type === "CallExpression";
}
