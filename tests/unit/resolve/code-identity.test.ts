import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeIdentity, type CodeIdentity } from "../../../src/resolve/code-identity.ts";
import { resolveExperiment } from "../../../src/resolve/resolve.ts";
import { createProject, writeFiles } from "./support/project.ts";

const files = {
  "task.ts": `import { helper, type Shape } from "./lib/helper.ts";
import { unused } from "./unused.ts";
export const run = async (shape: Shape): Promise<number> => {
  const { late } = await import("./lib/late.ts");
  return helper(shape) + late;
};
`,
  "lib/helper.ts":
    "export interface Shape { size: number }\nexport const helper = (shape: Shape) => shape.size * 2;\n",
  "lib/late.ts": "export const late = 3;\n",
  "unused.ts": "export const unused = 1;\n",
};

function identity(folder: string, file = "task.ts"): Promise<CodeIdentity> {
  return codeIdentity({ code: [join(folder, file)] }, folder);
}

test("types, comments and formatting do not count, code does", async () => {
  const folder = createProject(files);
  const before = await identity(folder);
  expect(before.codeHash).toMatch(/^[0-9a-f]{64}$/);
  expect(before.files).toEqual(
    ["lib/helper.ts", "lib/late.ts", "task.ts"].map((path) => join(folder, path)),
  );
  writeFiles(folder, {
    "lib/helper.ts": `// doubles
export interface Shape { readonly size: number; name?: string }

/* of any shape */ export const helper =
  (shape: Shape): number =>
    shape.size * 2;
`,
    "unused.ts": "export const unused = 2;\n",
  });
  expect((await identity(folder)).codeHash).toBe(before.codeHash);
  writeFiles(folder, { "lib/late.ts": "export const late = 4;\n" });
  expect((await identity(folder)).codeHash).not.toBe(before.codeHash);
});

test("the hook of a task, and the modules that it alone imports, do not count", async () => {
  const task = (hook: string): string => `import { defineTask } from "./define.ts";
import { post } from "./hook.ts";
import { helper } from "./lib/helper.ts";
export const task = defineTask({ name: "t", run: () => helper({ size: 1 })${hook} });
`;
  const common = {
    "define.ts": "export const defineTask = <T>(options: T): T => options;\n",
    "hook.ts": 'export const post = (): void => console.log("told");\n',
  };
  const folder = createProject({ ...files, ...common, "task.ts": task("") });
  const { codeHash } = await identity(folder);
  const withHook = async (hook: string): Promise<CodeIdentity> => {
    writeFiles(folder, { "task.ts": task(hook) });
    return identity(folder);
  };
  const hooked = await withHook(", onEvent: post");
  expect(hooked.codeHash).toBe(codeHash);
  expect(hooked.files).toContain(join(folder, "hook.ts")); // whoever executes the module needs it
  expect((await withHook(", onEvent() { post(); },")).codeHash).toBe(codeHash);
  expect((await withHook(", onEvent: (e) => { if (e) post(); }, ")).codeHash).toBe(codeHash);
  expect((await withHook(", version: 2, onEvent: post")).codeHash).not.toBe(codeHash);
  expect((await withHook(", onEvents: post")).codeHash).not.toBe(codeHash);
});

test("the same sources give the same bytes in every directory", async () => {
  const common = { ...files, "old.cjs": "module.exports = { old: __filename };" };
  const task = `${files["task.ts"]}\nimport old from "./old.cjs";\nconsole.log(old);`;
  const here = createProject({ ...common, "task.ts": task });
  const there = createProject({ ...common, "task.ts": task }, "ein Ordner mit ü");
  const [first, second] = [await identity(here), await identity(there)];
  expect(second.bundle).toBe(first.bundle);
  expect(second.codeHash).toBe(first.codeHash);
  expect(first.bundle).not.toContain(here);
});

/** The identity of the code of an experiment's task, loaded as the command line loads it. */
async function experimentIdentity(folder: string): Promise<CodeIdentity> {
  const request = { file: "experiment.ts", overrides: [], workingDirectory: folder };
  const { task } = await resolveExperiment(request);
  return codeIdentity(task, folder);
}

const bodyOf = (result: number): string =>
  `export const body = async function* () { yield { kind: "result", value: ${result} }; };\n`;

test("a function that is handed to a helper which defines the task counts", async () => {
  const folder = createProject({
    "lib.ts": `import { defineTask } from "lockstep";
import { z } from "zod";
const schema = z.strictObject({ seed: z.int().default(0) });
export const make = (name: string, run: unknown) => defineTask({ name, schema, run } as never) as any;
`,
    "body.ts": bodyOf(1),
    "tasks.ts": `import { body } from "./body.ts";
import { make } from "./lib.ts";
export const task = make("made", body);
`,
    "experiment.ts": `import { task } from "./tasks.ts";
export default task.defineConfig({ seed: 1 });
`,
  });
  const before = await experimentIdentity(folder);
  const own = before.files.filter((file) => file.startsWith(folder));
  expect(own).toEqual(["body.ts", "lib.ts", "tasks.ts"].map((path) => join(folder, path)));
  writeFiles(folder, { "body.ts": bodyOf(2) });
  expect((await experimentIdentity(folder)).codeHash).not.toBe(before.codeHash);
});

const modelOf = (width: number): string => `import { defineModel } from "lockstep";
import { z } from "zod";
const schema = z.strictObject({ kind: z.literal("own") });
export const own = defineModel({ kind: "own", schema, build: () => { throw new Error("${width}"); } });
`;

test("a model that is handed to a helper which widens the training task counts", async () => {
  const folder = createProject({
    "factory.ts": `import { training } from "lockstep";
export const withModels = (models: any) => training.with({ models });
`,
    "model.ts": modelOf(1),
    "tasks.ts": `import { withModels } from "./factory.ts";
import { own } from "./model.ts";
export const { defineConfig } = withModels([own]);
`,
    "experiment.ts": `import { defineConfig } from "./tasks.ts";
export default defineConfig({
  data: { kind: "mnist" },
  model: { kind: "own" },
  optimizer: { kind: "sgd", learningRate: 0.1 },
  training: { numSteps: 1, batchSize: 1 },
});
`,
  });
  const before = await experimentIdentity(folder);
  const own = before.files.filter((file) => file.startsWith(folder));
  expect(own).toEqual(["factory.ts", "model.ts", "tasks.ts"].map((path) => join(folder, path)));
  writeFiles(folder, { "model.ts": modelOf(2) });
  expect((await experimentIdentity(folder)).codeHash).not.toBe(before.codeHash);
});

const packageFiles = (version: string, extra = ""): Record<string, string> => ({
  "node_modules/outer/package.json": JSON.stringify({
    name: "outer",
    version: "1.0.0",
    type: "module",
    exports: "./index.js",
    dependencies: { inner: "*", "only-linux": "*" },
    optionalDependencies: { "only-linux": "*" },
  }),
  "node_modules/outer/index.js": "export default 1;",
  "node_modules/inner/package.json": JSON.stringify({ name: "inner", version }),
  "node_modules/inner/index.js": `module.exports = 2;${extra}`,
});
const importer = 'import "node:fs";\nimport outer from "outer";\nexport default outer;';

test("packages count by name, version and integrity, with all that they depend on", async () => {
  const folder = createProject({ "task.ts": importer, ...packageFiles("2.0.0") });
  const before = await identity(folder);
  expect(before.packages).toEqual([
    {
      name: "inner",
      version: "2.0.0",
      integrity: expect.stringMatching(/^files-[0-9a-f]{64}$/) as string,
    },
    { name: "outer", version: "1.0.0", integrity: expect.stringMatching(/^files-/) as string },
  ]);
  writeFiles(folder, packageFiles("2.0.0", "// patched"));
  const patched = await identity(folder);
  expect(patched.codeHash).not.toBe(before.codeHash);
  expect(patched.bundle).toBe(before.bundle);
});

test("where an installer left its lock, the integrity is the lock's", async () => {
  const folder = createProject({ "task.ts": importer, ...packageFiles("2.0.0") });
  const npm = { packages: { "node_modules/inner": { version: "2.0.0", integrity: "sha512-npm" } } };
  writeFiles(folder, { "node_modules/.package-lock.json": JSON.stringify(npm) });
  expect((await identity(folder)).packages[0]?.integrity).toBe("sha512-npm");
  writeFiles(folder, {
    "node_modules/.pnpm/lock.yaml":
      "packages:\n\n  'inner@2.0.0':\n    resolution: {integrity: sha512-pnpm}\n\n  outer@1.0.0:\n    resolution: {tarball: x.tgz, integrity: sha512-other}\n    engines: {node: '>=18'}\n",
  });
  expect((await identity(folder)).packages.map(({ integrity }) => integrity)).toEqual([
    "sha512-pnpm",
    "sha512-other",
  ]);
});

test("what pnpm patched is told from what it fetched", async () => {
  const folder = createProject({ "task.ts": importer, ...packageFiles("2.0.0") });
  const lock = (patch: string): string => `lockfileVersion: '9.0'

patchedDependencies:
  inner@2.0.0:
    hash: abc1
    path: patches/inner@2.0.0.patch

packages:

  inner@2.0.0:
    resolution: {integrity: sha512-inner}

  outer@1.0.0:
    resolution: {integrity: sha512-outer}

snapshots:

  inner@2.0.0${patch}: {}

  outer@1.0.0(inner@2.0.0${patch}):
    dependencies:
      inner: 2.0.0${patch}
`;
  const integrities = async (text: string): Promise<string[]> => {
    writeFiles(folder, { "node_modules/.pnpm/lock.yaml": text });
    return (await identity(folder)).packages.map(({ integrity }) => integrity);
  };
  expect(await integrities(lock(""))).toEqual(["sha512-inner", "sha512-outer"]);
  expect(await integrities(lock("(patch_hash=abc1)"))).toEqual([
    "sha512-inner+patch-abc1",
    "sha512-outer",
  ]);
  expect(await integrities(lock("(patch_hash=abc1)(outer@1.0.0)"))).toEqual([
    "sha512-inner+patch-abc1",
    "sha512-outer",
  ]);
});

test("peers count where they are installed, as the package itself finds them", async () => {
  const store = "node_modules/.store/host@1.0.0/node_modules";
  const peers = { peer: "*", absent: "*", lockstep: "*" };
  const folder = createProject({
    "task.ts": 'import host from "host";\nexport default host;',
    [`${store}/host/package.json`]: JSON.stringify({
      name: "host",
      version: "1.0.0",
      peerDependencies: peers,
    }),
    [`${store}/host/index.js`]: "module.exports = 1;",
    [`${store}/peer/package.json`]: '{"name":"peer","version":"3.0.0"}',
  });
  const { symlinkSync } = await import("node:fs");
  symlinkSync(join(folder, store, "host"), join(folder, "node_modules/host"));
  const before = await identity(folder);
  expect(before.packages.map(({ name, version }) => `${name}@${version}`)).toEqual([
    "host@1.0.0",
    "peer@3.0.0",
  ]);
  writeFiles(folder, { [`${store}/peer/package.json`]: '{"name":"peer","version":"3.0.1"}' });
  expect((await identity(folder)).codeHash).not.toBe(before.codeHash);
});

test("a linked package counts by its sources", async () => {
  const folder = createProject({
    "task.ts": 'import { hashJson } from "linked";\nexport default hashJson;',
  });
  const linked = createProject({
    "package.json": '{"name":"linked","version":"1.0.0","exports":"./main.ts"}',
    "main.ts": "export const hashJson: number = 1;",
  });
  const { symlinkSync } = await import("node:fs");
  symlinkSync(linked, join(folder, "node_modules/linked"));
  const before = await identity(folder);
  expect(before.packages).toEqual([]);
  expect(before.files).toContain(join(linked, "main.ts"));
  writeFileSync(join(linked, "main.ts"), "export const hashJson: number = 2;");
  expect((await identity(folder)).codeHash).not.toBe(before.codeHash);
});

test("code that cannot be bundled is refused with its place", async () => {
  const folder = createProject({
    "task.ts": 'import "./missing.ts";',
    "lost.ts": 'import "gone";',
  });
  await expect(identity(folder)).rejects.toMatchObject({
    code: "module",
    message: 'task.ts:1:8: Could not resolve "./missing.ts"',
  });
  await expect(identity(folder, "nowhere.ts")).rejects.toThrow(
    "The code of the task names nowhere.ts, which does not exist.",
  );
  await expect(identity(folder, "lost.ts")).rejects.toThrow(
    /^The package gone, .* is not installed\.$/,
  );
});
