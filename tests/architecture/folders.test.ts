/** What lies where: the folders at the top, a README in each folder of src, and names of files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { listFiles, repository } from "./sources.ts";

const made = ["node_modules", "dist"]; // by tools, and ignored by git

function foldersIn(folder: string): readonly string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .filter((name) => !made.includes(name));
}

test("the top level holds the folders of the design and no other", () => {
  const folders = ["docs", "examples", "experiments", "runs", "schemas", "src", "tests"];
  expect(foldersIn(".").toSorted()).toEqual(folders);
});

test("every folder of src explains itself in at most 60 lines", () => {
  const folders = foldersIn("src");
  expect(folders.length).toBeGreaterThan(10);
  const readme = (folder: string): string => join(repository, "src", folder, "README.md");
  expect(folders.filter((folder) => !existsSync(readme(folder)))).toEqual([]);
  const long = folders.filter(
    (folder) => readFileSync(readme(folder), "utf8").trimEnd().split("\n").length > 60,
  );
  expect(long).toEqual([]);
});

test("a file that a README of src names exists", () => {
  const missing = foldersIn("src").flatMap((folder) => {
    const text = readFileSync(join(repository, "src", folder, "README.md"), "utf8");
    const named = [...text.matchAll(/`([a-z0-9-]+\.ts)`/g)].map(([, name]) => name ?? "");
    const present = new Set(listFiles("src").map((path) => basename(path)));
    return named
      .filter((name) => !present.has(name))
      .map((name) => `src/${folder}/README.md: ${name}`);
  });
  expect(missing).toEqual([]);
});

test("files are named in kebab case", () => {
  const files = ["src", "schemas", "experiments", "examples"].flatMap(listFiles);
  expect(files.length).toBeGreaterThan(60);
  const odd = files.filter(
    (path) =>
      basename(path) !== "README.md" && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(basename(path)),
  );
  expect(odd).toEqual([]);
});

test("every unit test lies where the folder that it tests lies in src", () => {
  const tests = listFiles("tests/unit").filter((path) => path.endsWith(".test.ts"));
  expect(tests.length).toBeGreaterThan(30);
  const orphans = tests.filter((path) => {
    const mirrored = dirname(path).replace(/^tests\/unit\//, "");
    return (
      !existsSync(join(repository, "src", mirrored)) && !existsSync(join(repository, mirrored))
    );
  });
  expect(orphans).toEqual([]);
});

test("tests lie only where the test runner looks for them", () => {
  const looked = /^tests\/(unit|architecture|end-to-end|slow|processes|track|crash)\/.*\.test\.ts$/;
  const all = ["src", "schemas", "experiments", "examples", "tests"].flatMap(listFiles);
  const stray = all.filter((path) => /\.(test|spec)\.[cm]?[jt]s$/.test(path) && !looked.test(path));
  expect(stray).toEqual([]);
});
