"use strict";
/**
 * Lets `require` read TypeScript, by tsx, at the least cost to a cold start:
 *
 * - CommonJS files of packages, and our own built ones, are left to Node: tsx would read, scan and resolve each of
 *   zod's 95 files.
 * - esbuild is loaded when something has to be transformed: tsx keeps what it transformed in a cache on disk.
 * - zod's messages in 45 languages are loaded when somebody asks for one.
 * - Node 22 and later keep compiled code on disk too.
 *
 * TypeScript is strict code, as every ES module is: what tsx makes of it would take `x = 5` for a new global variable.
 */
const { existsSync, readFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join, sep } = require("node:path");

const zodLanguages = /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.cjs$/;
const plain = Module._extensions[".js"];
const resolvePlain = Module._resolveFilename;

Module.enableCompileCache?.();
deferEsbuild();
require("tsx/cjs/api").register();

const transformed = Module._extensions[".js"];
const resolveTransformed = Module._resolveFilename;

for (const extension of [".js", ".cjs"]) {
  Module._extensions[extension] = function load(module, file) {
    if (zodLanguages.test(file)) return loadWhenUsed(module, file);
    return (isCommonJs(file) ? plain : transformed).call(this, module, file);
  };
}
const own = join(__dirname, "..", sep); // modules name each other by whole relative paths: nothing to try
Module._resolveFilename = function resolve(request, parent, ...rest) {
  if (request.startsWith(".") && request.endsWith(".ts") && parent?.filename?.startsWith(own)) {
    const file = join(dirname(parent.filename), request);
    if (existsSync(file)) return file;
  }
  const isPlain = typeof parent?.filename === "string" && isCommonJs(parent.filename);
  return (isPlain ? resolvePlain : resolveTransformed).call(this, request, parent, ...rest);
};

const compile = Module.prototype._compile;
const wrapped = /^__filename=/; // tsx's own first line: what a source map speaks of begins on the second

Module.prototype._compile = function compileStrictly(code, file, ...rest) {
  const isModule = /\.m?tsx?$/.test(file) && wrapped.test(code);
  return compile.call(this, isModule ? `"use strict";${code}` : code, file, ...rest);
};

/** Whether a file is JavaScript of a package that Node reads as CommonJS. Code of the project is always tsx's. */
function isCommonJs(file) {
  if (!file.includes(`${sep}node_modules${sep}`)) return false;
  if (file.endsWith(".cjs")) return true;
  return file.endsWith(".js") && isCommonJsFolder(dirname(file));
}

const knownFolders = new Map();

/** As Node decides: by `type` of the nearest package.json. */
function isCommonJsFolder(folder) {
  const known = knownFolders.get(folder);
  if (known !== undefined) return known;
  const file = join(folder, "package.json");
  const found = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8")).type !== "module"
    : !folder.endsWith(`${sep}node_modules`) && isCommonJsFolder(dirname(folder));
  knownFolders.set(folder, found);
  return found;
}

/** Gives a CommonJS module that was compiled from ES exports its code when one of them is first read. */
function loadWhenUsed(module, file) {
  module.exports = deferred({ __esModule: true }, () => {
    const real = new Module(file, module);
    Object.assign(real, { filename: file, paths: module.paths });
    plain.call(Module._extensions, real, file);
    return real.exports;
  });
}

/** Stands for what `load` gives, of which the `known` properties need no loading. */
function deferred(known, load) {
  let loaded;
  const real = () => (loaded ??= load());
  return new Proxy(
    {},
    {
      get: (_, name) => (Object.hasOwn(known, name) ? known[name] : real()[name]),
      has: (_, name) => Object.hasOwn(known, name) || name in real(),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor: (_, name) => ({
        ...Object.getOwnPropertyDescriptor(real(), name),
        configurable: true,
      }),
    },
  );
}

/** Puts an object in esbuild's place that becomes esbuild when anything but its version is asked for. */
function deferEsbuild() {
  const fromTsx = Module.createRequire(require.resolve("tsx/cjs/api"));
  const file = fromTsx.resolve("esbuild");
  if (require.cache[file] !== undefined) return;
  const { version } = fromTsx("esbuild/package.json");
  const stand = new Module(file, module);
  Object.assign(stand, { filename: file, loaded: true });
  stand.exports = deferred({ version }, () => {
    if (require.cache[file] === stand) delete require.cache[file];
    return fromTsx("esbuild");
  });
  require.cache[file] = stand;
}
