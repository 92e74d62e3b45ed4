/** Projects on disk for tests: a package.json, and Lockstep linked as an installed package would be. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));

/** A new project with the given files, by path; removed when the test ends. */
export function createProject(files: Readonly<Record<string, string>>, name = "project"): string {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), "lockstep-resolve-"))), name);
  onTestFinished(() => rmSync(dirname(folder), { recursive: true, force: true }));
  writeFiles(folder, { "package.json": '{"name":"project","type":"module"}', ...files });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(repository, join(folder, "node_modules", "lockstep"));
  symlinkSync(join(repository, "node_modules", "zod"), join(folder, "node_modules", "zod"));
  return folder;
}

/**
 * Loads an experiment in a process of its own, as the command line does, and gives back what it evaluated. (tsx's loader
 * for ES modules and the test runner both use the process's message channel.)
 */
export function loadInProcess(folder: string, file: string): unknown {
  const script = `
    require("tsx/cjs/api").register();
    const { loadExperiment } = require("./src/resolve/load.ts");
    loadExperiment(${JSON.stringify(file)}, { workingDirectory: ${JSON.stringify(folder)} }).then(
      ({ definition, sources }) => console.log(JSON.stringify({
        layers: definition.layers, sources: sources.map(({ path }) => path),
      })),
    );`;
  const output = execFileSync(process.execPath, ["-e", script], { cwd: repository });
  return JSON.parse(output.toString("utf8"));
}

/** Writes files of a project. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** A task module for projects: quick to load, since it names Lockstep's language and nothing else. */
export const taskModule = `
import { z } from "zod";
import { defineTask, field } from "lockstep";
const member = (kind: string) => z.strictObject({ kind: z.literal(kind), size: z.int().default(1) });
export const task = defineTask({
  name: "toy",
  schema: z.strictObject({
    seed: z.int().default(0).meta(field({ mark: "seed" })),
    rate: z.number().gt(0).default(0.1),
    steps: z.int().default(10),
    model: z.discriminatedUnion("kind", [member("wide"), member("deep")]).default({ kind: "wide", size: 1 }),
    note: z.string().optional().meta(field({ mark: "label" })),
  }),
  run: async function* run() {},
} as never) as any;
export const { defineConfig, extend, presets, fragment } = task;
`;
