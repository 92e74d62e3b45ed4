import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { codeFile, linkPackages } from "../../../src/app/package-links.ts";

function write(folder: string, path: string, text = "{}"): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** A project with installed packages, beside a linked one; and a store with a snapshot of the project. */
function scene(store: string): { base: string; project: string; tree: string } {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "lockstep-links-")));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const project = join(base, "project");
  for (const name of ["zod", "@scope/a"]) write(project, `node_modules/${name}/package.json`);
  write(project, "node_modules/.lock");
  write(base, "linked/package.json");
  return { base, project, tree: join(base, store, "tree") };
}

const layout = { file: "x.ts", code: [], lockstep: null };

test("a store in the project needs no links: packages are found above it", () => {
  const { project, tree } = scene("project/runs/.code");
  write(tree, "package.json");
  linkPackages(tree, { ...layout, project: ".", packages: ["node_modules"] }, project);
  expect(lstatSync(join(tree, "node_modules"), { throwIfNoEntry: false })).toBeUndefined();
  expect(codeFile(tree, "node_modules/zod/package.json")).toBe(
    join(project, "node_modules/zod/package.json"),
  );
  expect(codeFile(tree, "package.json")).toBe(join(tree, "package.json"));
});

test("a store elsewhere gets one link, which follows the project when it moves", () => {
  const { base, project, tree } = scene("elsewhere");
  write(tree, "package.json");
  const own = { ...layout, project: ".", packages: ["node_modules"] };
  linkPackages(tree, own, project);
  linkPackages(tree, own, project);
  expect(realpathSync(join(tree, "node_modules"))).toBe(join(project, "node_modules"));
  write(base, "moved/node_modules/zod/package.json");
  linkPackages(tree, own, join(base, "moved"));
  expect(realpathSync(join(tree, "node_modules"))).toBe(join(base, "moved/node_modules"));
});

test("a linked package whose sources are in the snapshot is found there, the others where they are", () => {
  const { base, project, tree } = scene("elsewhere");
  symlinkSync(join(base, "linked"), join(project, "node_modules/linked"));
  for (const path of ["project/package.json", "linked/package.json"]) write(tree, path);
  linkPackages(
    tree,
    { ...layout, project: "project", packages: ["project/node_modules"] },
    project,
  );
  const found = (name: string): string => realpathSync(join(tree, "project/node_modules", name));
  expect(found("linked")).toBe(join(tree, "linked"));
  expect(found("zod")).toBe(join(project, "node_modules/zod"));
  expect(found("@scope/a")).toBe(join(project, "node_modules/@scope/a"));
});

test("a project in which nothing is installed gets no links, and no error of ours", () => {
  const { base, tree } = scene("elsewhere");
  write(tree, "package.json");
  write(base, "bare/package.json");
  linkPackages(tree, { ...layout, project: ".", packages: ["node_modules"] }, join(base, "bare"));
  expect(lstatSync(join(tree, "node_modules"), { throwIfNoEntry: false })).toBeUndefined();
});
