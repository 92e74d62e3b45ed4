/** Rules of the house style that every source keeps and that the linter cannot say, or not for all of them. */
import { Node, SyntaxKind, ts } from "ts-morph";
import { expect, test } from "vitest";
import { folderOf, placeOf, readSources, type Source } from "./sources.ts";

const sources = readSources(["src", "schemas", "experiments", "tests"]);
const own = sources.filter(({ path }) => !path.startsWith("tests/"));
const library = own.filter(({ path }) => path.startsWith("src/"));

/** Where a choice of the engine could reach a weight, a schedule, a plan or a token. */
const exact = own.filter(
  ({ path }) => !["src/cli", "src/app", "src/report"].includes(folderOf(path)),
);

const nodes = new Map<Source, readonly Node[]>();

/** All nodes of a source but its punctuation, which most rules look through; found once, since that takes seconds. */
function nodesOf(source: Source): readonly Node[] {
  const known = nodes.get(source) ?? source.file.forEachDescendantAsArray();
  nodes.set(source, known);
  return known;
}

function places(scanned: readonly Source[], isWrong: (node: Node) => boolean): readonly string[] {
  return scanned.flatMap((source) =>
    nodesOf(source)
      .filter(isWrong)
      .map((node) => `${placeOf(source, node)}: ${node.getText().split("\n", 1)[0]?.slice(0, 80)}`),
  );
}

test("the scan reads the whole repository", () => {
  expect(library.length).toBeGreaterThan(50);
  expect(sources.length).toBeGreaterThan(100);
});

test("a file has at most 400 lines", () => {
  const long = sources.filter(({ file }) => file.getEndLineNumber() > 401); // the last line is the empty one
  expect(long.map(({ path, file }) => `${path}: ${file.getEndLineNumber() - 1}`)).toEqual([]);
});

test("a function has at most 60 lines", () => {
  const long = places(own, (node) => {
    if (!Node.isFunctionLikeDeclaration(node)) return false;
    return node.getEndLineNumber() - node.getStartLineNumber() + 1 > 60;
  });
  expect(long).toEqual([]);
});

test("a function has at most three positional parameters", () => {
  expect(
    places(own, (node) => Node.isFunctionLikeDeclaration(node) && node.getParameters().length > 3),
  ).toEqual([]);
});

test("no type is escaped from: no any, no non-null assertion, no double assertion", () => {
  const escapes = places(own, (node) => {
    if (Node.isAsExpression(node) || Node.isTypeAssertion(node)) {
      return (
        node.getExpression().getDescendantsOfKind(SyntaxKind.UnknownKeyword).length > 0 &&
        Node.isAsExpression(node.getExpression())
      );
    }
    return Node.isAnyKeyword(node) || Node.isNonNullExpression(node);
  });
  expect(escapes).toEqual([]);
});

test("no checker is switched off inside a source", () => {
  const switches = /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable|prettier-ignore/;
  const found = own.flatMap(({ path, file }) =>
    file
      .getFullText()
      .split("\n")
      .flatMap((line, index) =>
        switches.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});

test("only src/index.ts re-exports", () => {
  const others = own.filter(({ path }) => path !== "src/index.ts");
  const found = others.flatMap((source) => {
    const imported = new Set(
      source.file
        .getImportDeclarations()
        .flatMap((node) => [
          ...node.getNamedImports().map((name) => name.getAliasNode()?.getText() ?? name.getName()),
          node.getNamespaceImport()?.getText() ?? "",
        ]),
    );
    return source.file
      .getExportDeclarations()
      .filter(
        (node) =>
          node.getModuleSpecifier() !== undefined ||
          node.getNamedExports().some((name) => imported.has(name.getName())),
      )
      .map((node) => `${placeOf(source, node)}: ${node.getText()}`);
  });
  expect(found).toEqual([]);
});

test("src/index.ts names each export and holds nothing of its own", () => {
  const index = sources.find(({ path }) => path === "src/index.ts");
  const kinds = index?.file.getStatements().map((statement) => statement.getKindName());
  expect(new Set(kinds)).toEqual(new Set(["ExportDeclaration"]));
  expect(index?.file.getExportDeclarations().filter((node) => node.isNamespaceExport())).toEqual(
    [],
  );
});

test("there is no await at the top level: the command line loads modules synchronously", () => {
  const found = places(own, (node) => {
    if (!Node.isAwaitExpression(node)) return false;
    return (
      node.getFirstAncestor((ancestor) => Node.isFunctionLikeDeclaration(ancestor)) === undefined
    );
  });
  expect(found).toEqual([]);
});

test("every export of src writes its types, so that declarations can be made file by file", () => {
  const problems = library.flatMap(({ path, file }) => {
    const { diagnostics } = ts.transpileDeclaration(file.getFullText(), {
      fileName: path,
      reportDiagnostics: true,
      compilerOptions: {
        isolatedDeclarations: true,
        declaration: true,
        target: ts.ScriptTarget.ES2023,
      },
    });
    return (diagnostics ?? []).map((diagnostic) => {
      const line = file.getLineAndColumnAtPos(diagnostic.start ?? 0).line;
      return `${path}:${line}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")}`;
    });
  });
  expect(problems).toEqual([]);
});

test("every function, class and value that src exports says what it is", () => {
  const undocumented = library
    .filter(({ path }) => path !== "src/index.ts")
    .flatMap((source) =>
      [
        ...source.file.getFunctions().filter((node) => !node.isOverload()),
        ...source.file.getClasses(),
        ...source.file.getVariableStatements(),
      ]
        .filter((node) => node.hasExportKeyword() && node.getJsDocs().length === 0)
        .filter((node) => !(Node.isFunctionDeclaration(node) && node.getOverloads().length > 0))
        .map((node) => `${placeOf(source, node)}: ${node.getText().split("\n", 1)[0]}`),
    );
  expect(undocumented).toEqual([]);
});

test("nothing is called exports: the package is CommonJS, where a module reads its own exported constants from it", () => {
  const declared = places(
    exact,
    (node) =>
      (Node.isVariableDeclaration(node) ||
        Node.isParameterDeclaration(node) ||
        Node.isBindingElement(node) ||
        Node.isFunctionDeclaration(node)) &&
      node.getName() === "exports",
  );
  expect(declared).toEqual([]);
});

test("powers are taken by src/random/math.ts, but for whole powers of two and of big integers", () => {
  const powers = exact.flatMap((source) => {
    // Numbers of bits are whole; elsewhere the exponent has to be written down to be seen to be.
    const isAboutBits = folderOf(source.path) === "src/random";
    return places([source], (node) => {
      if (!Node.isBinaryExpression(node)) return false;
      const operator = node.getOperatorToken().getKind();
      if (operator === SyntaxKind.AsteriskAsteriskEqualsToken) return true;
      if (operator !== SyntaxKind.AsteriskAsteriskToken) return false;
      const [base, exponent] = [node.getLeft(), node.getRight().getText()];
      if (Node.isBigIntLiteral(base)) return false;
      return base.getText() !== "2" || !(isAboutBits || /^-?\d+$/.test(exponent));
    });
  });
  expect(powers).toEqual([]);
});

test("no text that becomes a token or a hash goes through the engine's Unicode tables", () => {
  const tables = places(
    exact.filter(({ path }) =>
      ["src/data", "src/train", "src/random", "schemas"].includes(folderOf(path)),
    ),
    (node) =>
      (Node.isRegularExpressionLiteral(node) && /\\p\{|\\P\{/.test(node.getText())) ||
      (Node.isPropertyAccessExpression(node) && node.getName() === "normalize"),
  );
  expect(tables).toEqual([]);
});

test("ambient time, randomness and printing are not reached through globalThis either", () => {
  const inputs = new Set(["Date", "performance", "process", "console", "crypto", "fetch"]);
  // The seal watches them; the store names files that must not collide, and nothing reads those names again.
  const scanned = exact.filter(
    ({ path }) => !path.startsWith("src/random/seal") && folderOf(path) !== "src/store",
  );
  const reached = places(
    scanned,
    (node) =>
      (Node.isPropertyAccessExpression(node) &&
        node.getExpression().getText() === "globalThis" &&
        inputs.has(node.getName())) ||
      (Node.isIdentifier(node) && ["randomUUID", "randomBytes", "hrtime"].includes(node.getText())),
  );
  expect(reached).toEqual([]);
});

test("no unfinished work is left in words", () => {
  const words = /\b(TODO|FIXME|XXX|HACK)\b|not (yet )?implemented|for now\b|placeholder|dummy/i;
  const found = own.flatMap(({ path, file }) =>
    file
      .getFullText()
      .split("\n")
      .flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

test("no test is skipped, focused or left empty", () => {
  const words = /\.(only|skip|todo|fails)\b/;
  const found = places(
    sources.filter(({ path, file }) => path.startsWith("tests/") && words.test(file.getFullText())),
    (node) => {
      if (!Node.isPropertyAccessExpression(node)) return false;
      const isTest = /^(test|it|describe)(\.|$)/.test(node.getExpression().getText());
      return isTest && ["only", "skip", "todo", "fails"].includes(node.getName());
    },
  );
  expect(found).toEqual([]);
});
