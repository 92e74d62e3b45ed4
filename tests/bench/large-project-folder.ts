/** The large project on disk, with a built `lockstep` as its package: what an editor and a cold process see. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { hydraProject, largeProject } from "./large-project.ts";

interface PackageFile {
  readonly publishConfig: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/**
 * Writes the project, and beside it the same config for Hydra.
 * @param repository - Absolute; of the sources that are built.
 * @param target - Absolute; an empty folder.
 * @param build - `types` makes declarations only, which is all that an editor reads; `all` what runs too.
 */
export async function writeLargeProject(
  repository: string,
  target: string,
  build: "types" | "all",
): Promise<void> {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  };
  write("package.json", '{ "name": "large", "type": "module", "private": true }\n');
  for (const [path, text] of Object.entries(largeProject())) write(path, text);
  for (const [path, text] of Object.entries(hydraProject())) write(`hydra/${path}`, text);
  await installBuilt(repository, join(target, "node_modules/lockstep"), build);
  symlinkSync(join(repository, "node_modules/zod"), join(target, "node_modules/zod"), "dir");
}

async function installBuilt(
  repository: string,
  folder: string,
  build: "types" | "all",
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(join(repository, "package.json"), "utf8");
  const { publishConfig, ...facts } = JSON.parse(text) as PackageFile;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...facts, ...publishConfig }));
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "dir");
  const outDir = join(folder, "dist");
  // Checked it is by `pnpm types`; every export of src writes its types, so that nothing needs to be inferred here.
  const only = [
    "-p",
    "tsconfig.build.json",
    "--emitDeclarationOnly",
    "--noCheck",
    "--outDir",
    outDir,
  ];
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const args = build === "types" ? [tsc, ...only] : ["build.mjs", outDir];
  await execa(process.execPath, args, { cwd: repository });
}
