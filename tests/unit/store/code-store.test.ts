import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { openStore } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

test("code is stored once, with a folder of sources for each experiment that shares it", () => {
  const store = openStore(temporaryFolder());
  const source = (path: string, text: string) => ({ path, text, sha256: sha256(text) });
  const packages = [{ name: "zod", version: "4.6.7", integrity: "sha512-x" }];
  const code = {
    bundle: "run();",
    packages,
    files: [],
    sources: [source("experiments/a b.ts", "// ü\n")],
  };
  const saved = store.saveCode(sha256("code"), code);
  expect(saved.directory).toBe(join(store.directory, ".code", sha256("code")));
  expect(readFileSync(join(saved.directory, "bundle.js"), "utf8")).toBe("run();");
  const again = store.saveCode(sha256("code"), { ...code, sources: [source("other.ts", "")] });
  expect(store.saveCode(sha256("code"), code)).toEqual(saved);
  const sources = join(saved.directory, "sources");
  expect(readdirSync(sources).sort()).toEqual([saved.sources, again.sources].sort());
  expect(readFileSync(join(sources, saved.sources, "experiments/a b.ts"), "utf8")).toBe("// ü\n");
  expect(readdirSync(join(store.directory, ".code"))).toEqual([sha256("code")]);
});

test("a module from outside the project is kept under a name that stays in the store", () => {
  const folder = temporaryFolder();
  const store = openStore(join(folder, "runs"));
  const paths = [
    "../../outside.ts",
    "../beside/outside.ts",
    "/etc/x",
    "a//b",
    "C:/x.ts",
    "a\\b",
    "a/./b",
    "..",
    "",
    "../new\nline ü.ts",
    ".list.json",
    ".outside/0123456789abcdef/planted.ts",
    "src/inside.ts",
  ];
  const sources = paths.map((path) => ({ path, text: path, sha256: sha256(path) }));
  const saved = store.saveCode(sha256("code"), { bundle: "", packages: [], files: [], sources });
  const root = join(saved.directory, "sources", saved.sources);
  const list: { path: string; sha256: string; storedAs?: string }[] = JSON.parse(
    readFileSync(join(root, ".list.json"), "utf8"),
  );
  expect(list.map(({ path }) => path)).toEqual(paths);
  for (const { path, storedAs } of list) {
    expect(storedAs ?? path).toMatch(/^(?:src\/inside\.ts|\.outside\/[0-9a-f]{16}\/[\w.-]+)$/);
    expect(readFileSync(join(root, storedAs ?? path), "utf8")).toBe(path);
  }
  const [first] = list;
  const digits = sha256("../../outside.ts").slice(0, 16);
  expect(first?.storedAs).toBe(`.outside/${digits}/outside.ts`);
  expect(new Set(list.map(({ path, storedAs }) => storedAs ?? path)).size).toBe(paths.length);
  expect(readdirSync(folder)).toEqual(["runs"]);
  expect(readdirSync(store.directory)).toEqual([".code"]);
});

test("a source that is not what its hash says is our bug", () => {
  const store = openStore(temporaryFolder());
  const sources = [{ path: "a.ts", text: "x", sha256: sha256("y") }];
  const error = errorOf(() =>
    store.saveCode(sha256("code"), { bundle: "", packages: [], files: [], sources }),
  );
  expect(error.message).toBe('internal: the source "a.ts" is not what its hash says');
});
