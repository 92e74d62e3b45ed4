/** A project in which shells find `exp` by its name. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository, type Project } from "../end-to-end/project.ts";

/** The environment of a shell that finds `exp`, in the project's own `bin`, and no settings of whoever runs the tests. */
export function withExp(project: Project): NodeJS.ProcessEnv {
  const folder = join(project.directory, "bin");
  mkdirSync(folder, { recursive: true });
  const executable = join(folder, "exp");
  const command = join(repository, "src/cli/exp.cjs");
  writeFileSync(executable, `#!/bin/sh\nexec "${process.execPath}" "${command}" "$@"\n`);
  chmodSync(executable, 0o755);
  const home = { HOME: project.directory, XDG_CONFIG_HOME: join(project.directory, "settings") };
  const { LOCKSTEP_RUNS: _, ...others } = process.env;
  return { ...others, ...home, PATH: `${folder}:${process.env["PATH"]}`, TERM: "dumb" };
}
