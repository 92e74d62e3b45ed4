/**
 * The sources of the repository as the architecture tests read them: every file once, with what it imports.
 * Nothing here decides what is allowed; that stands in the tests, as tables.
 */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Node, Project, SyntaxKind, type SourceFile } from "ts-morph";

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
  readonly file: SourceFile;
  readonly imports: readonly Import[];
}

/**
 * All TypeScript sources below the given top-level folders.
 * @throws when one of the folders holds none: a scan of nothing must never pass.
 */
export function readSources(folders: readonly string[]): readonly Source[] {
  const project = new Project({ skipAddingFilesFromTsConfig: true });
  return folders.flatMap((folder) => {
    const paths = listFiles(folder).filter(
      (path) => path.endsWith(".ts") && !path.includes(otherLanguage),
    );
    if (paths.length === 0) throw new Error(`${folder}/ holds no TypeScript file`);
    return paths.map((path) => {
      const file = project.addSourceFileAtPath(join(repository, path));
      return { path, file, imports: importsOf(path, file) };
    });
  });
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
export function placeOf(source: Source, node: Node): string {
  return `${source.path}:${node.getStartLineNumber()}`;
}

function importsOf(path: string, file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (
    node: Node,
    specifier: string,
    kind: { isType?: boolean; isLazy?: boolean },
  ): void => {
    found.push({
      specifier,
      target: targetOf(path, specifier),
      isType: kind.isType ?? false,
      isLazy: kind.isLazy ?? false,
      line: node.getStartLineNumber(),
    });
  };
  for (const node of file.getImportDeclarations()) {
    add(node, node.getModuleSpecifierValue(), { isType: node.isTypeOnly() });
  }
  for (const node of file.getExportDeclarations()) {
    const specifier = node.getModuleSpecifierValue();
    if (specifier !== undefined) add(node, specifier, { isType: node.isTypeOnly() });
  }
  for (const node of file.getDescendantsOfKind(SyntaxKind.ImportType)) {
    add(node, literalText(node.getArgument()), { isType: true });
  }
  for (const node of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const callee = node.getExpression();
    const isLoader =
      callee.getKind() === SyntaxKind.ImportKeyword ||
      (Node.isIdentifier(callee) && callee.getText() === "require");
    if (isLoader) add(node, literalText(node.getArguments()[0]), { isLazy: true });
  }
  return found;
}

/** The text of a string literal, also inside a literal type; anything computed is given as its source. */
function literalText(node: Node | undefined): string {
  if (node === undefined) return "";
  const literal = Node.isLiteralTypeNode(node) ? node.getLiteral() : node;
  return Node.isStringLiteral(literal) || Node.isNoSubstitutionTemplateLiteral(literal)
    ? literal.getLiteralText()
    : literal.getText();
}

function targetOf(path: string, specifier: string): string | undefined {
  if (specifier === "lockstep") return "src/index.ts";
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(dirname(path).split(sep).join("/"), specifier);
}
