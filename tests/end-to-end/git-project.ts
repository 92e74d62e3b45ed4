/** A project whose experiments do next to nothing, in a git repository. */
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { createProject, repository, type Project } from "./project.ts";

const task = `
import { defineTask, envelopeFields } from "lockstep";
import { z } from "zod";
export const line = defineTask({
  name: "line",
  schema: z.strictObject({ ...envelopeFields, slope: z.number(), numSteps: z.int().default(1) }),
  run: ({ config }) => Promise.resolve({ height: config.slope }),
});
`;
/** An experiment of one run. */
export const base =
  'import { line } from "../line.ts";\nexport default line.defineConfig({ slope: 1 });\n';
/** A sweep over it. */
export const child = (patch: string): string =>
  `import { choice } from "lockstep";\nimport { line } from "../line.ts";\nimport base from "./base.ts";\nexport default line.extend(base, ${patch});\n`;

/** Runs git in a project. */
export function gitIn(project: Project): (...args: readonly string[]) => void {
  const identity = [
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.org",
    "-c",
    "commit.gpgsign=false",
  ];
  return (...args) => {
    execFileSync("git", [...identity, ...args], { cwd: project.directory, stdio: "pipe" });
  };
}

/**
 * A project with one commit on `main`.
 * @param top - The repository's folder, relative to the project's.
 */
export function historyOf(files: Readonly<Record<string, string>>, top = "."): Project {
  const project = createProject({
    ".gitignore": "node_modules\nruns\n",
    "line.ts": task,
    "experiments/base.ts": base,
    "experiments/child.ts": child("{ name: 'x', slope: choice(1, 2) }"),
    ...files,
  });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  const git = gitIn(project);
  git("init", "-q", "-b", "main", top);
  git("add", ".");
  git("commit", "-qm", "first");
  return project;
}
