import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { ExpError, formatError } from "../../../src/core/errors.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { loadExperiment, type LoadedExperiment } from "../../../src/resolve/load.ts";
import { createProject, loadInProcess, taskModule, writeFiles } from "./support/project.ts";

const toy =
  'import { defineConfig } from "../task.ts";\nexport default defineConfig({ seed: 1 });\n';

function load(workingDirectory: string, file: string): Promise<LoadedExperiment> {
  return loadExperiment(file, { workingDirectory });
}

async function failure(workingDirectory: string, file: string): Promise<[string, string]> {
  try {
    await load(workingDirectory, file);
  } catch (error) {
    if (error instanceof ExpError) return [error.code, formatError(error)];
    throw error;
  }
  throw new Error("it loaded");
}

afterEach(() => vi.restoreAllMocks());

test("an experiment is named by its file, belongs to its project, and lists the modules it evaluated", async () => {
  const folder = createProject({ "task.ts": taskModule, "experiments/toy-1.ts": toy });
  const loaded = await load(folder, "experiments/toy-1.ts");
  expect(loaded.name).toBe("toy-1");
  expect(loaded.projectDirectory).toBe(folder);
  expect(loaded.file).toBe(join(folder, "experiments/toy-1.ts"));
  expect(loaded.definition.task.name).toBe("toy");
  expect(loaded.sources.map(({ path }) => path)).toEqual(["experiments/toy-1.ts", "task.ts"]);
  expect(loaded.sources[0]?.text).toBe(toy);
  expect(loaded.sources[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test("a source with a byte that is no UTF-8 has the digest of the text that it is read as", async () => {
  const folder = createProject({ "task.ts": taskModule });
  const text =
    'import { defineConfig } from "./task.ts";\nexport default defineConfig({ seed: 1 }); // ';
  writeFileSync(join(folder, "toy.ts"), Buffer.concat([Buffer.from(text), Buffer.of(0xfc, 0x0a)]));
  const { sources } = await load(folder, "toy.ts");
  const source = sources.find(({ path }) => path === "toy.ts");
  expect(source?.text).toBe(`${text}\ufffd\n`);
  expect(source?.sha256).toBe(sha256(`${text}\ufffd\n`));
});

test.each([
  ["5", "5"],
  ['"log"', '"log"'],
  ["null", "null"],
  ["{ started() {} }", "an object"],
])(
  "onEvent that is no function is refused when the experiment is loaded: %s",
  async (written, found) => {
    const text = `${toy.replace("../", "./")}export const onEvent = ${written};\n`;
    const folder = createProject({ "task.ts": taskModule, "toy.ts": text });
    expect(await failure(folder, "toy.ts")).toEqual([
      "module",
      expect.stringMatching(`^toy\\.ts: onEvent must be a function, found ${found}\\.`) as string,
    ]);
  },
);

test("an edit is seen by the next load, also of a module that is imported", async () => {
  const folder = createProject({
    "task.ts": taskModule,
    "base.ts": "export const seed: number = 1;",
    "toy.ts":
      'import { defineConfig } from "./task.ts";\nimport { seed } from "./base.ts";\nexport default defineConfig({ seed });',
  });
  const seedOf = async (): Promise<unknown> => {
    const [layer] = (await load(folder, "toy.ts")).definition.layers;
    return layer?.kind === "patch" ? layer.patch : undefined;
  };
  expect(await seedOf()).toEqual({ seed: 1 });
  writeFiles(folder, { "base.ts": "export const seed: number = 2;" });
  expect(await seedOf()).toEqual({ seed: 2 });
});

test("an edit outside of the project is seen too, where its modules import from there", async () => {
  const outside = createProject({ "part.ts": "export const seed: number = 1;" });
  const folder = createProject({
    "task.ts": taskModule,
    "toy.ts": `import { defineConfig } from "./task.ts";
import { seed } from "${outside}/part.ts";
export default defineConfig({ seed });`,
  });
  const { sources } = await load(folder, "toy.ts");
  expect(sources.map(({ path }) => path)).toContain(
    `../../${outside.split("/").slice(-2).join("/")}/part.ts`,
  );
  writeFiles(outside, { "part.ts": "export const seed: number = 2;" });
  expect((await load(folder, "toy.ts")).definition.layers).toMatchObject([{ patch: { seed: 2 } }]);
});

test("a top-level await is no obstacle", () => {
  const folder = createProject({
    "task.ts": taskModule,
    "toy.ts":
      'import { defineConfig } from "./task.ts";\nconst seed = await Promise.resolve(3);\nexport default defineConfig({ seed });',
  });
  expect(loadInProcess(folder, "toy.ts")).toMatchObject({
    layers: [{ patch: { seed: 3 } }],
    sources: ["task.ts", "toy.ts"],
  });
});

test("the seal is held while modules are evaluated, and opened in any case", async () => {
  const folder = createProject({ "bad.ts": "throw new Error(String(globalThis.sealed));" });
  const unseal = vi.fn<() => void>(() => Reflect.deleteProperty(globalThis, "sealed"));
  const seal = vi.fn<(scope: unknown) => () => void>(() => {
    Reflect.set(globalThis, "sealed", "yes");
    return unseal;
  });
  await expect(loadExperiment("bad.ts", { workingDirectory: folder, seal })).rejects.toThrow("yes");
  expect(seal).toHaveBeenCalledWith({ projectDirectory: folder });
  expect(unseal).toHaveBeenCalledOnce();
});

test("what cannot be an experiment is refused, with what is there instead", async () => {
  const folder = createProject({
    "experiments/bert-lr.ts": toy,
    "experiments/_bert.ts": toy,
    "a.json": "{}",
    "vitest.config.ts": "export default {};",
  });
  for (const slip of ["bert-lr.ts", "bert-lr", "experiments/bert-lr.js"]) {
    const told = `${slip} does not exist.\nDid you mean experiments/bert-lr.ts?`;
    expect(await failure(folder, slip)).toEqual(["usage", told]);
  }
  expect(await failure(folder, "nope.ts")).toEqual([
    "usage",
    "nope.ts does not exist.\nThere are experiments/_bert.ts, experiments/bert-lr.ts.",
  ]);
  expect(await failure(folder, "experiments/bert-rl.ts")).toEqual([
    "usage",
    "experiments/bert-rl.ts does not exist.\nDid you mean experiments/bert-lr.ts?",
  ]);
  expect(await failure(folder, "experiments/x.ts")).toEqual([
    "usage",
    "experiments/x.ts does not exist.\nThere are experiments/_bert.ts, experiments/bert-lr.ts.",
  ]);
  expect(await failure(folder, "experiments")).toEqual([
    "usage",
    "experiments is a folder, not an experiment.\nThere are experiments/_bert.ts, experiments/bert-lr.ts.",
  ]);
  expect((await failure(folder, "a.json"))[1]).toContain("a.json is not a TypeScript module.");
  expect((await failure(folder, "experiments/_bert.ts"))[1]).toContain(
    "_bert.ts cannot name an experiment.",
  );
});

test("a module without a definition as its default export is refused", async () => {
  const folder = createProject({
    "task.ts": taskModule,
    "none.ts": 'import { defineConfig } from "./task.ts";\nexport const main = defineConfig({});',
    "task-itself.ts": 'export { task as default } from "./task.ts";',
    "fragment.ts": 'import { fragment } from "./task.ts";\nexport default fragment({ seed: 1 });',
    "plain.ts": "export default { seed: 1 };",
  });
  const first = async (file: string): Promise<string | undefined> =>
    (await failure(folder, file))[1].split("\n")[0];
  expect(await first("none.ts")).toBe(
    "none.ts has no default export (it exports a definition as main).",
  );
  expect(await first("task-itself.ts")).toBe(
    "task-itself.ts: the default export is a task, not a definition.",
  );
  expect(await first("fragment.ts")).toBe(
    "fragment.ts: the default export is a fragment, preset, rule or alias, not a definition.",
  );
  expect(await first("plain.ts")).toBe(
    "plain.ts: the default export is an object, not a definition.",
  );
});

test("an experiment may be named in any script, with spaces", async () => {
  const module = 'import { defineConfig } from "./task.ts";\nexport default defineConfig({});';
  const names = ["BertLR", "Prüfung 2", "実験"];
  const files = Object.fromEntries(names.map((name) => [`${name}.ts`, module]));
  const folder = createProject({ "task.ts": taskModule, ...files });
  for (const name of names) {
    const loaded = await loadExperiment(`${name}.ts`, { workingDirectory: folder });
    expect(loaded.name).toBe(name);
  }
});
