/**
 * The sources of the repository as the architecture tests read them: every file once, with what it imports.
 * Nothing here decides what is allowed; that stands in the tests, as tables.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "ts-morph";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** AssemblyScript is another language with the same file ending; its test compiles it. */
const otherLanguage = "/assembly/";

export interface Import {
  /** As written: `../core/path.ts`, `zod`, `node:fs`. */
  readonly specifier: string;
  /** Path in the repository for a relative import, e.g. `src/core/path.ts`; `src/index.ts` for `lockstep`. */
  readonly target: string | undefined;
  /** Gone after compiling: `import type`, `export type … from`, `import("…")` in a type. */
  readonly isType: boolean;
  /** Reached only when the expression runs: `import("…")`, `require("…")`. */
  readonly isLazy: boolean;
  readonly line: number;
}

export interface Source {
  /** Path in the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Parsed when a rule first asks, which takes seconds for all of them. */
  readonly tree: ts.SourceFile;
  /** All nodes but tokens and documentation. */
  readonly nodes: readonly ts.Node[];
  readonly imports: readonly Import[];
}

/**
 * All TypeScript sources below the given top-level folders.
 * @throws when one of the folders holds none: a scan of nothing must never pass.
 */
export function readSources(folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) => {
    const paths = listFiles(folder).filter(
      (path) => path.endsWith(".ts") && !path.includes(otherLanguage),
    );
    if (paths.length === 0) throw new Error(`${folder}/ holds no TypeScript file`);
    return paths.map(readSource);
  });
}

function readSource(path: string): Source {
  const text = readFileSync(join(repository, path), "utf8");
  let tree: ts.SourceFile | undefined;
  let nodes: readonly ts.Node[] | undefined;
  let imports: readonly Import[] | undefined;
  return {
    path,
    text,
    get tree() {
      return (tree ??= ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true));
    },
    get nodes() {
      return (nodes ??= descendantsOf(this.tree));
    },
    get imports() {
      return (imports ??= importsOf(this));
    },
  };
}

/** All nodes below one, in the order of the text. */
export function descendantsOf(node: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (child: ts.Node): void => {
    found.push(child);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

/** Paths of all files below a folder of the repository, sorted, with forward slashes. */
export function listFiles(folder: string): readonly string[] {
  const root = join(repository, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** The folder that a source belongs to: `schemas`, `experiments`, `src/core`, or `src` for `src/index.ts`. */
export function folderOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" && path.split("/").length > 2 ? `src/${second}` : top;
}

/** `src/core/path.ts:12`, for messages. */
export function placeOf(source: Source, node: ts.Node): string {
  return `${source.path}:${lineOf(source, node)}`;
}

function lineOf({ tree }: Source, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

function importsOf(source: Source): readonly Import[] {
  return source.nodes.flatMap((node) => {
    const found = importOf(node);
    if (found === undefined) return [];
    const [specifier, { isType = false, isLazy = false }] = found;
    const target = targetOf(source.path, specifier);
    return [{ specifier, target, isType, isLazy, line: lineOf(source, node) }];
  });
}

/** What a node imports, if it does. */
function importOf(
  node: ts.Node,
): readonly [string, { readonly isType?: boolean; readonly isLazy?: boolean }] | undefined {
  if (ts.isImportDeclaration(node)) {
    const isType = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return [literalText(node.moduleSpecifier), { isType }];
  }
  if (ts.isExportDeclaration(node)) {
    if (node.moduleSpecifier === undefined) return undefined;
    return [literalText(node.moduleSpecifier), { isType: node.isTypeOnly }];
  }
  if (ts.isImportTypeNode(node)) return [literalText(node.argument), { isType: true }];
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const isLoader =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === "require");
  return isLoader ? [literalText(node.arguments[0]), { isLazy: true }] : undefined;
}

/** The text of a string literal, also inside a literal type; anything computed is given as its source. */
function literalText(node: ts.Node | undefined): string {
  if (node === undefined) return "";
  const literal = ts.isLiteralTypeNode(node) ? node.literal : node;
  return ts.isStringLiteralLike(literal) ? literal.text : literal.getText();
}

function targetOf(path: string, specifier: string): string | undefined {
  if (specifier === "lockstep") return "src/index.ts";
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(dirname(path).split(sep).join("/"), specifier);
}
