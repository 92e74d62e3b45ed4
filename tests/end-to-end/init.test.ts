/** A new project, with Lockstep linked by hand as npm links it; installed by npm it is tested with the packed package. */
import { lstatSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, repository, type Project } from "./project.ts";

interface InitDocument {
  readonly folder: string;
  readonly written: readonly string[];
  readonly kept: readonly string[];
  readonly next: readonly string[];
}

test("init makes a project whose printed commands work", async () => {
  const parent = createProject({});
  const made = await exp(parent, ["init", "my first", "--json"]);
  expect(made.status, made.stderr).toBe(0);
  const { folder, written, next } = JSON.parse(made.stdout) as InitDocument;
  const project: Project = { ...parent, directory: join(parent.directory, folder) };
  expect(written).toContain("experiments/first.ts");
  expect(next.slice(0, 2)).toEqual(["cd 'my first'", "npm install"]);
  const manifest = JSON.parse(readFileSync(join(project.directory, "package.json"), "utf8")) as {
    readonly name: string;
    readonly dependencies: { readonly lockstep: string };
  };
  expect(manifest.name).toBe("my-first");
  const installed = resolve(
    project.directory,
    manifest.dependencies.lockstep.replace(/^file:/u, ""),
  );
  expect(installed).toBe(repository.replace(/\/$/u, ""));
  const link = join(project.directory, "node_modules/lockstep");
  mkdirSync(dirname(link));
  symlinkSync(installed, link, "dir");
  for (const command of next.filter((text) => text.startsWith("npx exp "))) {
    const words = command.replace("npx exp ", "").split(" ");
    const ran = await exp(project, words);
    expect(ran.status, `${command}\n${ran.stderr}`).toBe(0);
  }
  const again = document(await exp(project, ["experiments/first.ts", "--json"]));
  expect(again.runs[0]?.metrics["test.accuracy"]).toBeGreaterThan(0.9);
});

test("init refuses a folder that is not empty, and with --force leaves what is there as it is", async () => {
  const project = createProject({ "README.md": "mine", "src/a.ts": "" });
  const refused = await exp(project, ["init"]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toBe(
    ". is not empty: it holds README.md, node_modules, package.json, src.\n" +
      "Name a new or empty folder, or add --force: it writes what is missing and leaves what is there as it is.\n",
  );
  const forced = await exp(project, ["init", ".", "--force", "--json"]);
  const { kept, next } = JSON.parse(forced.stdout) as InitDocument;
  expect(kept).toEqual(["package.json", "README.md"]);
  expect(next[0]).toMatch(/^npm install '?file:/u);
  expect(readFileSync(join(project.directory, "README.md"), "utf8")).toBe("mine");
  expect(lstatSync(join(project.directory, "experiments/first.ts")).isFile()).toBe(true);
  const file = await exp(project, ["init", "README.md"]);
  expect(file.stderr).toContain("README.md is a file, not a folder.");
});
