/** Rules of the house style that every source keeps and that the linter cannot say, or not for all of them. */
import { ts } from "ts-morph";
import { expect, test } from "vitest";
import { descendantsOf, folderOf, placeOf, readSources, type Source } from "./sources.ts";

const sources = readSources(["src", "schemas", "experiments", "tests"]);
const own = sources.filter(({ path }) => !path.startsWith("tests/"));
const library = own.filter(({ path }) => path.startsWith("src/"));

/** Where a choice of the engine could reach a weight, a schedule, a plan or a token. */
const exact = own.filter(
  ({ path }) => !["src/cli", "src/app", "src/report"].includes(folderOf(path)),
);

/** Where nodes are as a rule forbids them. */
function places(
  scanned: readonly Source[],
  isWrong: (node: ts.Node) => boolean,
): readonly string[] {
  return scanned.flatMap((source) =>
    source.nodes
      .filter(isWrong)
      .map((node) => `${placeOf(source, node)}: ${node.getText().split("\n", 1)[0]?.slice(0, 80)}`),
  );
}

/** Functions and methods that have a body, however they are written. */
function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && "body" in node;
}

/** A function, class or value of a file, as it is exported. */
function isExportedThing(node: ts.Statement): boolean {
  const isThing =
    ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isVariableStatement(node);
  return (
    isThing && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
  );
}

test("the scan reads the whole repository", () => {
  expect(library.length).toBeGreaterThan(50);
  expect(sources.length).toBeGreaterThan(100);
});

test("a file has at most 400 lines", () => {
  const numLines = sources.map(({ path, text }) => [path, text.split("\n").length - 1] as const); // the last is empty
  expect(numLines.filter(([, lines]) => lines > 400)).toEqual([]);
});

test("a function has at most 60 lines", () => {
  const long = places(own, (node) => isFunction(node) && node.getText().split("\n").length > 60);
  expect(long).toEqual([]);
});

test("a function has at most three positional parameters", () => {
  expect(places(own, (node) => isFunction(node) && node.parameters.length > 3)).toEqual([]);
});

test("no type is escaped from: no any, no non-null assertion, no double assertion", () => {
  const escapes = places(own, (node) => {
    if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) {
      return (
        ts.isAsExpression(node.expression) &&
        descendantsOf(node.expression).some(({ kind }) => kind === ts.SyntaxKind.UnknownKeyword)
      );
    }
    return node.kind === ts.SyntaxKind.AnyKeyword || ts.isNonNullExpression(node);
  });
  expect(escapes).toEqual([]);
});

test("no checker is switched off inside a source", () => {
  const switches = /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable|prettier-ignore/;
  const found = own.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        switches.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});

/** The names that a file imports, as it calls them. */
function importedNames({ tree }: Source): ReadonlySet<string> {
  const bindings = tree.statements.flatMap((statement) =>
    ts.isImportDeclaration(statement) && statement.importClause?.namedBindings !== undefined
      ? [statement.importClause.namedBindings]
      : [],
  );
  const names = bindings.flatMap((binding) =>
    ts.isNamedImports(binding)
      ? binding.elements.map(({ name }) => name.text)
      : [binding.name.text],
  );
  return new Set(names);
}

test("only src/index.ts re-exports", () => {
  const others = own.filter(({ path }) => path !== "src/index.ts");
  const found = others.flatMap((source) => {
    const imported = importedNames(source);
    return source.tree.statements
      .filter((statement) => ts.isExportDeclaration(statement))
      .filter(({ moduleSpecifier, exportClause }) => {
        if (moduleSpecifier !== undefined || exportClause === undefined) return true;
        if (!ts.isNamedExports(exportClause)) return true;
        return exportClause.elements.some(({ propertyName, name }) =>
          imported.has((propertyName ?? name).text),
        );
      })
      .map((node) => `${placeOf(source, node)}: ${node.getText()}`);
  });
  expect(found).toEqual([]);
});

test("src/index.ts names each export and holds nothing of its own", () => {
  const statements = sources.find(({ path }) => path === "src/index.ts")?.tree.statements ?? [];
  expect(statements.length).toBeGreaterThan(0);
  const others = statements.filter(
    (node) =>
      !(ts.isExportDeclaration(node) && node.exportClause?.kind === ts.SyntaxKind.NamedExports),
  );
  expect(others.map((node) => node.getText())).toEqual([]);
});

test("there is no await at the top level: the command line loads modules synchronously", () => {
  const found = places(
    own,
    (node) => ts.isAwaitExpression(node) && ts.findAncestor(node, isFunction) === undefined,
  );
  expect(found).toEqual([]);
});

/** A statement whose declaration is written out in it, as everybody sees without the compiler. */
function isWrittenOut(node: ts.Statement): boolean {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isImportDeclaration(node)) return true;
  if (!ts.isFunctionDeclaration(node) && !ts.isVariableStatement(node)) return false;
  if (!isExportedThing(node)) return true;
  return (
    ts.isFunctionDeclaration(node) &&
    node.type !== undefined &&
    node.parameters.every(({ type }) => type !== undefined)
  );
}

test("every export of src writes its types, so that declarations can be made file by file", () => {
  const asked = library.filter(
    ({ tree, nodes }) => !tree.statements.every(isWrittenOut) || nodes.some(ts.isTypeQueryNode),
  );
  expect(asked.length).toBeGreaterThan(50);
  const problems = asked.flatMap(({ path, tree, text }) => {
    const { diagnostics } = ts.transpileDeclaration(text, {
      fileName: path,
      reportDiagnostics: true,
      compilerOptions: {
        isolatedDeclarations: true,
        declaration: true,
        target: ts.ScriptTarget.ES2023,
      },
    });
    return (diagnostics ?? []).map((diagnostic) => {
      const line = tree.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line + 1;
      return `${path}:${line}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")}`;
    });
  });
  expect(problems).toEqual([]);
});

test("every function, class and value that src exports says what it is", () => {
  const undocumented = library
    .filter(({ path }) => path !== "src/index.ts")
    .flatMap((source) => {
      const overloaded = new Set(
        source.tree.statements.flatMap((node) =>
          ts.isFunctionDeclaration(node) && node.body === undefined ? [node.name?.text] : [],
        ),
      );
      return source.tree.statements
        .filter((node) => isExportedThing(node) && ts.getJSDocCommentsAndTags(node).length === 0)
        .filter((node) => !(ts.isFunctionDeclaration(node) && overloaded.has(node.name?.text)))
        .map((node) => `${placeOf(source, node)}: ${node.getText().split("\n", 1)[0]}`);
    });
  expect(undocumented).toEqual([]);
});

test("nothing is called exports: the package is CommonJS, where a module reads its own exported constants from it", () => {
  const declared = places(
    exact,
    (node) =>
      (ts.isVariableDeclaration(node) ||
        ts.isParameter(node) ||
        ts.isBindingElement(node) ||
        ts.isFunctionDeclaration(node)) &&
      node.name?.getText() === "exports",
  );
  expect(declared).toEqual([]);
});

test("powers are taken by src/random/math.ts, but for whole powers of two and of big integers", () => {
  const powers = exact.flatMap((source) => {
    // Numbers of bits are whole; elsewhere the exponent has to be written down to be seen to be.
    const isAboutBits = folderOf(source.path) === "src/random";
    return places([source], (node) => {
      if (!ts.isBinaryExpression(node)) return false;
      const { left, operatorToken, right } = node;
      if (operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken) return true;
      if (operatorToken.kind !== ts.SyntaxKind.AsteriskAsteriskToken) return false;
      if (ts.isBigIntLiteral(left)) return false;
      return left.getText() !== "2" || !(isAboutBits || /^-?\d+$/.test(right.getText()));
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
      (ts.isRegularExpressionLiteral(node) && /\\p\{|\\P\{/.test(node.text)) ||
      (ts.isPropertyAccessExpression(node) && node.name.text === "normalize"),
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
      (ts.isPropertyAccessExpression(node) &&
        ts.isIdentifier(node.expression) &&
        node.expression.text === "globalThis" &&
        inputs.has(node.name.text)) ||
      (ts.isIdentifier(node) && ["randomUUID", "randomBytes", "hrtime"].includes(node.text)),
  );
  expect(reached).toEqual([]);
});

test("no unfinished work is left in words", () => {
  const words = /\b(TODO|FIXME|XXX|HACK)\b|not (yet )?implemented|for now\b|placeholder|dummy/i;
  const found = own.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

test("no test is skipped, focused or left empty", () => {
  const words = /\.(only|skip|todo|fails)\b/;
  const found = places(
    sources.filter(({ path, text }) => path.startsWith("tests/") && words.test(text)),
    (node) => {
      if (!ts.isPropertyAccessExpression(node)) return false;
      const isTest = /^(test|it|describe)(\.|$)/.test(node.expression.getText());
      return isTest && ["only", "skip", "todo", "fails"].includes(node.name.text);
    },
  );
  expect(found).toEqual([]);
});
