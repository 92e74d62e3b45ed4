/** Which code a run ran, as git tells it: commit, branch, remote, and everything that is not committed. */
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import { gitIn, type Git, type GitAnswer } from "./environment-git-command.ts";
import { captureUntracked, type UntrackedFile } from "./environment-untracked.ts";
import { redactDiff } from "./redact-assignments.ts";
import { redactRemote } from "./redact.ts";

/** A type, not an interface, so that it is JSON data to the compiler. */
export type GitFacts =
  /** Git is not there, or the project is not in a repository; the reason is a sentence. */
  | { readonly kind: "none"; readonly reason: string }
  | {
      readonly kind: "repository";
      /** `null` before the first commit. */
      readonly commit: string | null;
      /** `null` where no branch is checked out. */
      readonly branch: string | null;
      /** Without credentials; `null` where none is set up. */
      readonly remote: string | null;
      /** Folder of the project in the repository, with forward slashes; empty for its root. */
      readonly projectPath: string;
      /** Something that is tracked has changed, or untracked sources lie in the project. */
      readonly isDirty: boolean;
      readonly diff: DiffFacts;
      readonly untracked: readonly UntrackedFile[];
    };

type DiffFacts = {
  readonly sha256: string;
  /** False where something had to be left out; `notes` says what. */
  readonly isComplete: boolean;
  /** Secrets that were masked in it; absent in a plan that an earlier Lockstep saved. */
  readonly numRedacted?: number;
  readonly notes: readonly string[];
};

export interface CapturedGit {
  readonly git: GitFacts & JsonObject;
  /** Bytes, because sources need not be UTF-8. */
  readonly uncommittedDiff: Uint8Array;
}

/** What git says about the project. Never fails: where git does not answer, the reason is recorded. */
export async function captureGit(projectDirectory: string): Promise<CapturedGit> {
  const git = gitIn(projectDirectory);
  const root = await git(["rev-parse", "--show-toplevel", "--show-prefix"]);
  if (root.kind === "failed") {
    return { git: { kind: "none", reason: root.reason }, uncommittedDiff: new Uint8Array() };
  }
  const [topLevel = projectDirectory, prefix = ""] = root.output.split("\n");
  const commit = firstLine(await git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]));
  const tracked = await trackedDiff(git, commit);
  const untracked = await captureUntracked(gitIn(topLevel), topLevel, prefix);
  // One character a byte, so that any encoding comes through; what is looked for is ASCII.
  const patch = Buffer.from(untracked.patch, "utf8").toString("latin1");
  const safe = redactDiff(tracked.diff + patch);
  const uncommittedDiff = Buffer.from(safe.text, "latin1");
  const notes = [...tracked.notes, ...untracked.notes];
  if (safe.numRedacted > 0) {
    notes.push(
      `${safe.numRedacted} secrets were replaced by [redacted]: the changes are not exactly restorable, supply them yourself`,
    );
  }
  const facts = {
    kind: "repository",
    commit: commit ?? null,
    branch: firstLine(await git(["symbolic-ref", "--short", "--quiet", "HEAD"])) ?? null,
    remote: await remote(git),
    projectPath: prefix.replace(/\/$/, ""),
    isDirty: tracked.diff !== "" || tracked.notes.length > 0 || untracked.files.length > 0,
    diff: {
      sha256: sha256(uncommittedDiff),
      isComplete: notes.length === 0,
      numRedacted: safe.numRedacted,
      notes,
    },
    untracked: untracked.files,
  } as const;
  return { git: facts, uncommittedDiff };
}

function firstLine(answer: GitAnswer): string | undefined {
  if (answer.kind === "failed") return undefined;
  const line = answer.output.split("\n")[0] ?? "";
  return line === "" ? undefined : line;
}

async function remote(git: Git): Promise<string | null> {
  const names = await git(["remote"]);
  const all = names.kind === "done" ? names.output.split("\n").filter((name) => name !== "") : [];
  const name = all.includes("origin") ? "origin" : all[0];
  if (name === undefined) return null;
  const url = firstLine(await git(["config", "--get", `remote.${name}.url`]));
  return url === undefined ? null : redactRemote(url);
}

interface TrackedDiff {
  /** One character a byte. */
  readonly diff: string;
  readonly notes: readonly string[];
}

/** Everything tracked that differs from the commit, of the whole repository: a run may reach modules beside the project. */
async function trackedDiff(git: Git, commit: string | undefined): Promise<TrackedDiff> {
  const base = commit ?? firstLine(await git(["hash-object", "-t", "tree", "/dev/null"]));
  if (base === undefined) return { diff: "", notes: ["git could not name the empty tree"] };
  const flags = ["--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"];
  const prefixes = ["--src-prefix=a/", "--dst-prefix=b/", "--no-relative"];
  const answer = await git(["diff", ...flags, ...prefixes, base, "--"], "latin1");
  if (answer.kind === "done") return { diff: answer.output, notes: [] };
  return { diff: "", notes: [`changes of tracked files are not kept: ${answer.reason}`] };
}
