/** The checkers themselves: each sees every source, and each fails where it sees none. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listFiles, repository } from "./sources.ts";

const folders = ["src", "schemas", "experiments", "examples", "tests"];
const sources = folders
  .flatMap(listFiles)
  .filter((path) => path.endsWith(".ts") && !path.includes("/assembly/"));

/** Runs a program of node_modules/.bin and gives its exit status and what it printed. */
async function check(
  directory: string,
  [program = "", ...args]: readonly string[],
): Promise<{ status: number; text: string }> {
  const file = join(repository, "node_modules", ".bin", program);
  const result = await execa(file, args, { cwd: directory, reject: false, all: true });
  return { status: result.exitCode ?? -1, text: result.all };
}

let empty: string;

/** A repository whose folders hold nothing, with the configuration of this one. */
beforeAll(() => {
  empty = realpathSync(mkdtempSync(join(tmpdir(), "lockstep-empty-")));
  for (const folder of folders) mkdirSync(join(empty, folder));
  for (const file of [
    "package.json",
    "tsconfig.json",
    ".oxlintrc.json",
    ".prettierrc.json",
    ".prettierignore",
    "knip.jsonc",
  ]) {
    cpSync(join(repository, file), join(empty, file));
  }
  symlinkSync(join(repository, "node_modules"), join(empty, "node_modules"));
});

afterAll(() => {
  rmSync(empty, { recursive: true, force: true });
});

test("the compiler reads every source", async () => {
  const { text } = await check(repository, ["tsc", "-p", ".", "--listFilesOnly"]);
  const read = new Set(
    text.split("\n").map((path) => relative(repository, path).split(sep).join("/")),
  );
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((path) => !read.has(path))).toEqual([]);
});

test("the linter reads every source", async () => {
  const { text } = await check(repository, ["oxlint", "--debug=files", ...folders]);
  const read = new Set(text.split("\n").map((path) => path.trim().replace(/^\.\//, "")));
  expect(sources.filter((path) => !read.has(path))).toEqual([]);
});

test.each([
  ["the compiler", ["tsc", "-p", "."], 2],
  ["the linter", ["oxlint", ...folders], 1],
  ["the formatter", ["prettier", "--check", ".", ...folders], 2],
  ["the search for dead code", ["knip"], 1],
] as const)("%s fails where there is nothing to check", async (_name, command, status) => {
  expect(await check(empty, command)).toMatchObject({ status });
});

test("the test runner fails where there is no test", async () => {
  const { status, text } = await check(empty, ["vitest", "run", "--passWithNoTests=false"]);
  expect(text).toContain("No test files found");
  expect(status).toBe(1);
});
