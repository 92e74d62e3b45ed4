/** Sources that git does not know yet: a run uses them all the same, so they go into `uncommitted.diff` as new files. */
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../core/hash.ts";
import type { Git } from "./environment-git-command.ts";
import { attemptsRoot } from "./run-layout.ts";

/** A type, not an interface, so that it is JSON data to the compiler. */
export type UntrackedFile = {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
};

export interface Untracked {
  readonly files: readonly UntrackedFile[];
  /** A patch that makes them, for `git apply` in the repository's root. */
  readonly patch: string;
  readonly notes: readonly string[];
}

const sourceName = /\.(?:ts|tsx|mts|cts|js|cjs|mjs|json)$/;
const maxFileBytes = 1_000_000;
const maxFiles = 500;

/**
 * Untracked, not ignored source files of the project.
 * @param git - In the repository's root.
 * @param prefix - Folder of the project in the repository, empty or ending in a slash.
 */
export async function captureUntracked(
  git: Git,
  topLevel: string,
  prefix: string,
): Promise<Untracked> {
  const scope = prefix === "" ? "." : prefix;
  const flags = ["--others", "--exclude-standard", "-z", "--full-name"];
  const answer = await git(["--literal-pathspecs", "ls-files", ...flags, "--", scope]);
  if (answer.kind === "failed") {
    return { files: [], patch: "", notes: [`untracked files are not known: ${answer.reason}`] };
  }
  const isStored = storeFilter(topLevel);
  const paths = answer.output
    .split("\0")
    .filter((path) => sourceName.test(path) && !isStored(path));
  const kept = paths.sort().slice(0, maxFiles);
  const notes: string[] = [];
  if (kept.length < paths.length) {
    notes.push(`${paths.length - kept.length} of ${paths.length} untracked sources are not kept`);
  }
  const patches: string[] = [];
  const files = kept.flatMap((path) => {
    const found = readSource(topLevel, path);
    if (typeof found === "string") notes.push(`${JSON.stringify(path)} is not kept: ${found}`);
    else patches.push(found.patch);
    return typeof found === "string" ? [] : [{ path, sha256: found.sha256 }];
  });
  return { files, patch: patches.join(""), notes };
}

/**
 * Tells files that lie in a folder of runs, which git may not have been told to ignore: they are results and copies of
 * sources, no sources of the next run.
 */
function storeFilter(topLevel: string): (path: string) => boolean {
  const known = new Map<string, boolean>([[".", false]]);
  const isStored = (folder: string): boolean => {
    const found = known.get(folder);
    if (found !== undefined) return found;
    const answer = existsSync(attemptsRoot(join(topLevel, folder))) || isStored(dirname(folder));
    known.set(folder, answer);
    return answer;
  };
  return (path) => isStored(dirname(path));
}

function readSource(
  topLevel: string,
  path: string,
): { readonly sha256: string; readonly patch: string } | string {
  try {
    const status = lstatSync(join(topLevel, path));
    if (!status.isFile()) return "it is not a regular file";
    if (status.size > maxFileBytes) return `it has more than ${maxFileBytes / 1e6} MB`;
    const bytes = readFileSync(join(topLevel, path));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const isExecutable = (status.mode & 0o100) !== 0;
    return { sha256: sha256(bytes), patch: newFilePatch(path, text, isExecutable) };
  } catch {
    return "it cannot be read as text";
  }
}

/** A patch in git's format that makes one text file. */
function newFilePatch(path: string, text: string, isExecutable: boolean): string {
  const [from, to] = [quotePath(`a/${path}`), quotePath(`b/${path}`)];
  const head = `diff --git ${from} ${to}\nnew file mode ${isExecutable ? "100755" : "100644"}\n`;
  if (text === "") return `${head}index 0000000..e69de29\n`; // git's name of the empty content
  const lines = text.split("\n");
  const isEnded = lines.at(-1) === "";
  if (isEnded) lines.pop();
  const body = lines.map((line) => `+${line}\n`).join("");
  const end = isEnded ? "" : "\\ No newline at end of file\n";
  const mark = /\s/.test(path) && !to.startsWith('"') ? "\t" : ""; // ends a name with spaces, as git writes it
  return `${head}--- /dev/null\n+++ ${to}${mark}\n@@ -0,0 +1,${lines.length} @@\n${body}${end}`;
}

/** A name as git quotes it: in C's manner where it holds control characters, quotes or backslashes. */
function quotePath(path: string): string {
  if (!/[\u0000-\u001f\u007f"\\]/.test(path)) return path;
  const escape = (character: string): string =>
    character === '"' || character === "\\"
      ? `\\${character}`
      : `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  return `"${path.replace(/[\u0000-\u001f\u007f"\\]/g, escape)}"`;
}
