/**
 * Builds the package: `node build.mjs [folder]`, into `dist` unless another folder is named.
 *
 * Modules become CommonJS: the command line loads a package's CommonJS files without any transformation, which starts a
 * cold process in two thirds of the time of built ES modules. Scripts import the package all the same, with its names.
 * Comments stay: `exp help PATH` reads the documentation of a field from them.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

const folder = process.argv[2] ?? "dist";

rmSync(folder, { recursive: true, force: true });
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const options = ["-p", "tsconfig.build.json", "--outDir", folder, "--emitDeclarationOnly"];
execFileSync(process.execPath, [compiler, ...options], { stdio: "inherit" });
for (const file of sources()) {
  const target = join(folder, file.replace(/\.ts$/u, ".cjs"));
  mkdirSync(dirname(target), { recursive: true });
  const text = readFileSync(file, "utf8");
  writeFileSync(target, transpile(text, "cts"));
  // Never loaded: where the doc comments of the fields are read from.
  if (file.startsWith("schemas"))
    writeFileSync(target.replace(/cjs$/u, "js"), transpile(text, "mts"));
}
for (const name of readdirSync("src/cli").filter((name) => name.endsWith(".cjs"))) {
  cpSync(join("src/cli", name), join(folder, "src/cli", name));
}

function sources() {
  return ["src", "schemas"]
    .flatMap((root) => readdirSync(root, { recursive: true }).map((name) => join(root, name)))
    .filter((file) => file.endsWith(".ts") && !file.includes(join("/", "assembly", "/")));
}

/** In CommonJS (`cts`), `import()` stays: it reaches packages that only Node's own loader can load. */
function transpile(text, format) {
  const { outputText } = ts.transpileModule(text, {
    fileName: `module.${format}`,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      esModuleInterop: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  return format === "cts" ? withOwnEndings(outputText) : outputText;
}

function withOwnEndings(text) {
  const code = text.replace(/\b(require|import)\("(\.{1,2}\/[^"]+)\.js"\)/gu, '$1("$2.cjs")');
  if (!code.includes("import.meta.url")) return code;
  const place = 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;';
  return code
    .replaceAll("import.meta.url", "moduleUrl")
    .replace('"use strict";\n', `"use strict";\n${place}\n`);
}
