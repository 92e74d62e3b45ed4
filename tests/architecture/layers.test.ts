/** Which folder may import which: the table of the design, held against every import, type-only ones included. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderOf, readSources, repository, type Import, type Source } from "./sources.ts";

const task = ["src/core", "src/random", "schemas", "src/config", "src/backend"];
const useCases = [
  ...task,
  "src/resolve",
  "src/data",
  "src/model",
  "src/optim",
  "src/train",
  "src/store",
  "src/report",
  "src/track",
  "src/diff",
  "src/lint",
];

/** Folder → folders it may import from, beside itself. A folder that is missing here may not exist. */
const layers: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/random": ["src/core"],
  schemas: ["src/core"],
  "src/config": ["src/core", "src/random"], // random: logarithms and shuffles that are the same everywhere
  "src/resolve": ["src/core", "src/random", "src/config"], // random: the seal under which modules are evaluated
  "src/backend": ["src/core", "src/random"],
  "src/data": task,
  "src/model": [...task, "src/data"],
  "src/optim": [...task, "src/data", "src/model"],
  "src/train": [...task, "src/data", "src/model", "src/optim"],
  "src/command": ["src/core", "schemas", "src/config"],
  "src/store": ["src/core"],
  "src/diff": ["src/core"],
  "src/lint": ["src/core", "src/config", "src/resolve", "src/diff"],
  "src/engine": ["src/core", "src/store"],
  "src/report": ["src/core", "src/random", "src/store"], // random: logarithms that are the same everywhere
  "src/track": ["src/core", "src/store"],
  "src/app": [...useCases, "src/engine"],
  "src/cli": ["src/core", "src/app"],
  src: [...useCases, "src/command", "src/app"], // src/index.ts, the package's public face
  experiments: ["src"], // that is "lockstep", by its name only
  examples: ["src"],
};

/** npm package → folders that may import it. */
const packages: Readonly<Record<string, readonly string[]>> = {
  "@tensorflow/tfjs-core": ["src/backend", "src/data", "src/model", "src/optim", "src/train"],
  "@photostructure/sqlite": ["src/store"],
  "@tensorflow/tfjs-backend-cpu": ["src/backend"],
  commander: ["src/cli"],
  esbuild: ["src/resolve"],
  "html-to-text": ["src/data"],
  "hyparquet-writer": ["src/track"],
  "oxc-parser": ["src/resolve"],
  "postal-mime": ["src/data"],
  seedrandom: ["src/random"],
  "ts-morph": ["src/diff", "src/lint"],
  tsx: ["src/resolve"],
  yaml: ["src/app"],
  zod: [
    "experiments",
    "schemas",
    "src/core",
    "src/config",
    "src/resolve",
    "src/diff", // documents that another job wrote
    "src/data",
    "src/model",
    "src/optim",
    "src/train",
  ],
};

/** Node's own modules that reach outside the process → folders that may import them. */
const nodeModules: Readonly<Record<string, readonly string[]>> = {
  "node:fs": [
    "src/resolve",
    "src/data",
    "src/store",
    "src/app",
    "src/cli",
    "src/backend",
    "src/command",
    "examples",
  ],
  "node:child_process": ["src/command", "src/store", "src/engine", "src/app", "src/cli"],
  "node:worker_threads": ["src/backend", "src/engine"],
  "node:readline": ["src/app", "src/cli"],
  "node:net": [],
  "node:http": [],
  "node:https": [],
};

/** The one import whose file is computed, of modules of its own folder: bundlers must not follow it. */
const computedImport = { path: "src/app/api/load-use-case.ts", specifier: "file" };

const sources = readSources(["src", "schemas", "experiments", "examples"]);

function everyImport(
  check: (source: Source, found: Import) => string | undefined,
): readonly string[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((found) => {
      const problem = check(source, found);
      return problem === undefined ? [] : [`${source.path}:${found.line}: ${problem}`];
    }),
  );
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

test("the scan reads the whole repository and every folder has its row in the table", () => {
  expect(sources.length).toBeGreaterThan(60);
  expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(200);
  const folders = new Set(sources.map((source) => folderOf(source.path)));
  expect([...folders].filter((folder) => layers[folder] === undefined)).toEqual([]);
  expect(Object.keys(layers).filter((folder) => !folders.has(folder))).toEqual([]);
});

test("every relative import names a file that exists", () => {
  const missing = everyImport((_source, { specifier, target }) =>
    target === undefined || existsSync(join(repository, target)) ? undefined : specifier,
  );
  expect(missing).toEqual([]);
});

test("imports go only to the folders that the table allows", () => {
  const wrong = everyImport((source, { target }) => {
    if (target === undefined) return undefined;
    const [from, to] = [folderOf(source.path), folderOf(target)];
    return from === to || layers[from]?.includes(to) ? undefined : `${from} may not know ${to}`;
  });
  expect(wrong).toEqual([]);
});

test("experiments reach Lockstep by its name, and Lockstep never reaches itself that way", () => {
  const wrong = everyImport((source, { specifier, target }) => {
    if (folderOf(source.path) === "examples") return undefined;
    const isExperiment = folderOf(source.path) === "experiments";
    if (isExperiment) {
      const isOwn =
        target !== undefined && specifier !== "lockstep" && folderOf(target) === "experiments";
      const isAllowed = isOwn || specifier === "lockstep" || specifier === "zod"; // for schemas of tasks
      return isAllowed ? undefined : `an experiment imports ${specifier}`;
    }
    return specifier === "lockstep" ? "imports the package by its own name" : undefined;
  });
  expect(wrong).toEqual([]);
});

test("packages are imported only where the table allows", () => {
  const wrong = everyImport(({ path }, { specifier, target }) => {
    if (target !== undefined || specifier.startsWith("node:")) return undefined;
    if (path === computedImport.path && specifier === computedImport.specifier) return undefined;
    return packages[packageName(specifier)]?.includes(folderOf(path))
      ? undefined
      : `${folderOf(path)} may not import ${specifier}`;
  });
  expect(wrong).toEqual([]);
});

test("files, processes and the network are reached only from the folders that the table allows", () => {
  const wrong = everyImport(({ path }, { specifier }) => {
    const allowed = nodeModules[packageName(specifier)];
    return allowed === undefined || allowed.includes(folderOf(path))
      ? undefined
      : `${folderOf(path)} may not import ${specifier}`;
  });
  expect(wrong).toEqual([]);
});

test("Node's own modules are written with node: before the name", () => {
  const plain = everyImport((_source, { specifier, target }) =>
    target === undefined && ["fs", "path", "os", "url", "crypto"].includes(specifier)
      ? specifier
      : undefined,
  );
  expect(plain).toEqual([]);
});

const heavy = ["@tensorflow/", "esbuild", "oxc-parser", "tsx", "postal-mime", "html-to-text"];

test.each(["src/index.ts", "src/cli/main.ts"])(
  "%s loads TensorFlow.js, compilers and parsers only when they are needed",
  (entry) => {
    expect(sources.map((source) => source.path)).toContain(entry);
    expect(staticPathTo(heavy, entry)).toBeUndefined();
  },
);

test.each(heavy)("the search for a static path to %s finds one where there is one", (name) => {
  const user = sources.find(({ imports }) =>
    imports.some((found) => isOf([name], found) && !found.isType && !found.isLazy),
  );
  const isLazyOnly = ["oxc-parser", "tsx"].includes(name);
  expect(user === undefined).toBe(isLazyOnly);
  expect(staticPathTo([name], user?.path ?? "")).toEqual(user && [user.path]);
});

test.each(["runs", "show", "best", "find", "compare", "sql"])(
  "the look-up %s loads nothing of the backends",
  (name) => {
    const entry = `src/cli/commands/${name}.ts`;
    expect(sources.map((source) => source.path)).toContain(entry);
    expect(staticPathTo(["../backend/", "../../backend/"], entry)).toBeUndefined();
  },
);

/** Files from `entry` to one that imports such a package, each loaded by the one before as soon as that is loaded. */
function staticPathTo(names: readonly string[], entry: string): readonly string[] | undefined {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const queue: (readonly string[])[] = [[entry]];
  const seen = new Set([entry]);
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const loaded = (byPath.get(path.at(-1) ?? "")?.imports ?? []).filter(
      ({ isType, isLazy }) => !isType && !isLazy,
    );
    if (loaded.some((found) => isOf(names, found))) return path;
    for (const { target } of loaded) {
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      queue.push([...path, target]);
    }
  }
  return undefined;
}

function isOf(names: readonly string[], { specifier }: Import): boolean {
  return names.some((name) => specifier === name || specifier.startsWith(name));
}
