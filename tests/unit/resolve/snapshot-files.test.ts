import { mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { codeIdentity } from "../../../src/resolve/code-identity.ts";
import { snapshotFiles, type SnapshotFiles } from "../../../src/resolve/snapshot-files.ts";
import { createProject, writeFiles } from "./support/project.ts";

const files = {
  "experiments/x.ts": 'import "../tasks/t.ts";\n',
  "tasks/t.ts": 'import { late } from "./lib/late.ts";\nexport const run = () => late;\n',
  "tasks/lib/late.ts": "export const late = 1;\n",
  "README.md": "not code\n",
};

/** The snapshot of a project that evaluates its experiment and its task. */
async function snapshotOf(folder: string, extra: readonly string[] = []): Promise<SnapshotFiles> {
  const task = { code: [join(folder, "tasks/t.ts")] };
  const sources = ["experiments/x.ts", "tasks/t.ts", ...extra].map((path) => {
    const text = readFileSync(join(folder, path), "utf8");
    return { path, text, sha256: sha256(text) };
  });
  const code = await codeIdentity(task, folder);
  const file = join(folder, "experiments/x.ts");
  const resolution = { file, projectDirectory: folder, sources, task };
  return snapshotFiles(resolution, code, folder);
}

function paths({ files: kept }: SnapshotFiles): readonly string[] {
  return kept.map(({ path }) => path).filter((path) => !/(^|\/)(src|schemas)\//u.test(path));
}

test("what was evaluated and what the bundle reached is in it, with Lockstep's sources where they are linked", async () => {
  const folder = createProject(files);
  const snapshot = await snapshotOf(folder);
  const { layout } = snapshot;
  const inProject = (path: string): string => join(layout.project, path);
  expect(paths(snapshot)).toEqual(
    expect.arrayContaining(
      ["experiments/x.ts", "tasks/t.ts", "tasks/lib/late.ts", "package.json"].map(inProject),
    ),
  );
  expect(paths(snapshot)).not.toContain(inProject("README.md"));
  expect(layout).toMatchObject({
    file: inProject("experiments/x.ts"),
    code: [inProject("tasks/t.ts")],
  });
  const lockstep = layout.lockstep ?? "none";
  const own = snapshot.files
    .map(({ path }) => path)
    .filter((path) => path.startsWith(`${lockstep}/src/`));
  expect(own).toContain(`${lockstep}/src/cli/exp.cjs`);
  expect(own.some((path) => path.endsWith(".md"))).toBe(false);
  expect(layout.packages).toContain(inProject("node_modules"));
  expect(snapshot.files.map(({ path }) => path)).toContain("tsconfig.json"); // nothing above the snapshot counts
});

test("a lock file comes with the settings that its installer compares with it", async () => {
  const lock = { "pnpm-lock.yaml": "", "pnpm-workspace.yaml": "", ".pnpmfile.cjs": "" };
  const snapshot = await snapshotOf(createProject({ ...files, ...lock }));
  const inProject = Object.keys(lock).map((path) => join(snapshot.layout.project, path));
  expect(paths(snapshot)).toEqual(expect.arrayContaining(inProject));
});

test("modules from beside the project keep their place, and compiler settings come with what they extend", async () => {
  const folder = createProject({
    ...files,
    "tsconfig.json": '{\n  // shared\n  "extends": ["../base/settings", "@some/package"]\n}\n',
  });
  const beside = join(dirname(folder), "beside/y.ts");
  writeFiles(dirname(folder), {
    "beside/y.ts": "export const y = 1;\n",
    "base/settings.json": '{ "extends": "./deeper.json" }\n',
    "base/deeper.json": "{}\n",
  });
  const snapshot = await snapshotOf(folder, ["../beside/y.ts"]);
  const parent = dirname(join(snapshot.layout.project));
  const kept = paths(snapshot);
  for (const path of ["beside/y.ts", "base/settings.json", "base/deeper.json"]) {
    expect(kept).toContain(join(parent, path));
  }
  expect(kept).toContain(join(snapshot.layout.project, "tsconfig.json"));
  expect(relative(dirname(realpathSync(folder)), beside)).toBe("beside/y.ts");
});

test("a module that changed since it was evaluated is refused", async () => {
  const folder = createProject(files);
  const evaluated = { path: "experiments/x.ts", text: "", sha256: sha256("other") };
  const task = { code: [join(folder, "tasks/t.ts")] };
  const code = await codeIdentity(task, folder);
  const resolution = {
    file: join(folder, "experiments/x.ts"),
    projectDirectory: folder,
    sources: [evaluated],
    task,
  };
  expect(() => snapshotFiles(resolution, code, folder)).toThrow(
    "experiments/x.ts changed while the plan was made.",
  );
});

test("a file of the code that cannot be read is told by its name, and is no bug of Lockstep", async () => {
  const folder = createProject(files);
  const lockFile = join(realpathSync(folder), "pnpm-lock.yaml");
  mkdirSync(lockFile); // reading it fails as on a broken disk
  await expect(snapshotOf(folder)).rejects.toMatchObject({
    code: "environment",
    message: `${lockFile} cannot be read (EISDIR), and belongs to the code.`,
  });
});

test("nor is a folder of Lockstep's own sources", async () => {
  const folder = createProject({ ...files, src: "not a folder" });
  rmSync(join(folder, "node_modules/lockstep")); // then the project itself is taken for it
  await expect(snapshotOf(folder)).rejects.toMatchObject({
    code: "environment",
    message: `${join(folder, "src")} cannot be read (ENOTDIR), and belongs to the code.`,
  });
});
