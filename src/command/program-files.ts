/** Which files of the disk a command is made of: its program, and the files whose bytes are part of its identity. */
import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { CommandConfig } from "../../schemas/command.ts";
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { DataFile } from "../core/task.ts";

/** What interpreters and tools leave beside the files that they read. */
const leftOver = new Set(["__pycache__", ".git", ".venv", "node_modules"]);

/**
 * The files of a config in the order in which they are listed; a folder gives all that lie below it, by name.
 * @throws {ExpError} `data` for what does not exist.
 */
export async function listProgramFiles(
  { files }: Pick<CommandConfig, "files">,
  projectDirectory: string,
): Promise<readonly DataFile[]> {
  return files.flatMap((file) => listFile(resolve(projectDirectory, file), projectDirectory));
}

function listFile(path: string, projectDirectory: string): readonly DataFile[] {
  const name = relative(projectDirectory, path).split(sep).join("/");
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) {
    const names = readdirSync(path).filter((entry) => !leftOver.has(entry));
    return names.toSorted().flatMap((entry) => listFile(join(path, entry), projectDirectory));
  }
  if (status?.isFile() === true) return [{ path, name }];
  const found = status === undefined ? "does not exist" : "is neither a file nor a folder";
  throw new ExpError("data", `${name}, one of the files of the command, ${found}.`, {
    hint: "In a module, files are relative to its folder; on the command line, to the working directory.",
  });
}

/** A program as the system will find it. */
export interface Program {
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * Finds a program as a shell would: a name in the folders of `PATH`, anything with a slash from the working directory.
 * @param searchPath - The value of `PATH`.
 * @throws {ExpError} `environment` where there is none that may be executed.
 */
export function findProgram(
  name: string,
  { workingDirectory, searchPath }: { workingDirectory: string; searchPath: string },
): Program {
  if (statSync(workingDirectory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ExpError("environment", `The working directory ${workingDirectory} does not exist.`);
  }
  const isPath = name.includes("/") || isAbsolute(name);
  const folders = searchPath.split(delimiter).filter((folder) => folder !== "");
  const candidates = isPath
    ? [resolve(workingDirectory, name)]
    : folders.map((folder) => resolve(workingDirectory, folder, name));
  const path = candidates.find(isExecutable);
  if (path !== undefined) return { path, sha256: sha256(readFileSync(path)) };
  const isThere = isPath && statSync(candidates[0] ?? "", { throwIfNoEntry: false })?.isFile();
  const where = isPath ? `at ${candidates[0] ?? ""}` : `in the ${folders.length} folders of PATH`;
  const message =
    isThere === true
      ? `The program ${name} (${candidates[0] ?? ""}) may not be executed.`
      : `The program ${JSON.stringify(name)} was not found ${where}.`;
  throw new ExpError("environment", message, {
    hint:
      isThere === true
        ? `Allow it with chmod +x, or start its interpreter: command: ["python3", ${JSON.stringify(name)}].`
        : "Install it, or correct command[0].",
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
