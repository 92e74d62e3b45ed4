/** The modules of a git revision, read without checking anything out. */
import { spawn } from "node:child_process";
import { posix } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { gitIn } from "../../store/environment-git-command.ts";

/** A file of a revision. */
interface Blob {
  readonly path: string;
  readonly id: string;
}

export interface Revision {
  /** As it was typed. */
  readonly name: string;
  /** 40 hex digits. */
  readonly commit: string;
}

const moduleName = /(?<!\.d)\.[cm]?[jt]sx?$/u;
/** Modules and what they may import. */
const projectName = /\.(?:[cm]?[jt]sx?|json)$/u;

/**
 * The folder that holds the repository around `directory`, absolute.
 * @throws {ExpError} `usage` where there is none.
 */
export async function repositoryAround(directory: string): Promise<string> {
  const answer = await gitIn(directory)(["rev-parse", "--show-toplevel"]);
  if (answer.kind === "done") return answer.output.trimEnd();
  throw new ExpError("usage", `A revision needs a git repository: ${answer.reason}.`);
}

/** @throws {ExpError} `usage` for a name that is no commit of the repository. */
export async function readRevision(repository: string, name: string): Promise<Revision> {
  const git = gitIn(repository);
  // A name that begins with a minus would be taken for an option.
  const answer = await git([
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${name}^{commit}`,
  ]);
  if (answer.kind === "done") return { name, commit: answer.output.trim() };
  throw new ExpError("usage", `${name} is no commit of this repository.`, {
    hint: "Name a branch, a tag or a commit; git fetch brings what only the server has.",
  });
}

/**
 * Where the branch of the working tree left another one: the commit that both have; where history does not say, as in a
 * shallow clone, the other one itself.
 * @param commit - In hex.
 */
export async function mergeBase(repository: string, commit: string): Promise<string> {
  const answer = await gitIn(repository)(["merge-base", commit, "HEAD"]);
  const base = answer.kind === "done" ? answer.output.trim() : "";
  return base === "" ? commit : base;
}

/**
 * The texts of modules of a revision, by path relative to the repository: those in a folder, and what they import.
 * Links and submodules are passed over.
 * @throws {ExpError} `environment` where git does not answer.
 */
export async function readModules(
  repository: string,
  { commit }: Revision,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const all = await listFiles(repository, commit, projectName);
  const texts = new Map<string, string>();
  const prefix = folder === "" ? "" : `${folder}/`;
  let wanted = [...all.values()].filter(
    ({ path }) => path.startsWith(prefix) && moduleName.test(path),
  );
  while (wanted.length > 0) {
    const read = await readBlobs(repository, wanted);
    for (const [path, text] of read) texts.set(path, text);
    const named = [...read].flatMap(([path, text]) => importedPaths(path, text));
    wanted = [...new Set(named)].flatMap((path) => {
      const blob = all.get(path);
      return blob === undefined || texts.has(path) ? [] : [blob];
    });
  }
  return texts;
}

/** The texts that evaluating experiments of a revision may need: all modules and JSON files. */
export async function readProjectFiles(
  repository: string,
  { commit }: Revision,
): Promise<ReadonlyMap<string, string>> {
  const all = await listFiles(repository, commit, projectName);
  return readBlobs(repository, [...all.values()]);
}

async function listFiles(
  repository: string,
  commit: string,
  name: RegExp,
): Promise<ReadonlyMap<string, Blob>> {
  const answer = await gitIn(repository)(["ls-tree", "-r", "-z", "--full-tree", commit]);
  if (answer.kind === "failed") throw new ExpError("environment", `${answer.reason}.`);
  const blobs = answer.output.split("\0").flatMap((line): [string, Blob][] => {
    const tab = line.indexOf("\t"); // a path may have more of them
    const [facts, path] = [line.slice(0, tab), line.slice(tab + 1)];
    const [mode = "", , id = ""] = facts.split(" ");
    const isFile = mode.startsWith("100") && name.test(path);
    return isFile && !path.includes("node_modules/") ? [[path, { path, id }]] : [];
  });
  return new Map(blobs);
}

/** Every path that a relative import in the text could mean; a text that only looks like an import does no harm. */
function importedPaths(path: string, text: string): readonly string[] {
  const names = [...text.matchAll(/["'](\.\.?\/[^"'\n]+)["']/gu)].map((match) => match[1] ?? "");
  return names.flatMap((name) => {
    const target = posix.join(posix.dirname(path), name);
    const base = target.replace(/\.([cm]?)js$/u, ".$1ts");
    return [target, base, `${target}.ts`, `${target}/index.ts`];
  });
}

/** All in one process of git: a process for each of a thousand files would take seconds. */
async function readBlobs(
  repository: string,
  blobs: readonly Blob[],
): Promise<ReadonlyMap<string, string>> {
  const bytes = await batch(repository, blobs.map(({ id }) => `${id}\n`).join(""));
  const texts = new Map<string, string>();
  let offset = 0;
  for (const { path } of blobs) {
    const end = bytes.indexOf(10, offset);
    const header = bytes.toString("utf8", offset, end).split(" "); // <id> blob <size>
    const size = Number(header[2]);
    if (end < 0 || !Number.isSafeInteger(size)) {
      throw new ExpError("environment", `git did not give the text of ${path}.`);
    }
    texts.set(path, bytes.toString("utf8", end + 1, end + 1 + size));
    offset = end + size + 2;
  }
  return texts;
}

function batch(repository: string, input: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["cat-file", "--batch"], {
      cwd: repository,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.stdin.on("error", () => undefined); // told by the missing texts
    child.on("close", () => {
      resolve(Buffer.concat(chunks));
    });
    child.stdin.end(input);
  });
}
