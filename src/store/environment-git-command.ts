/** Running git, and saying why it did not answer. */
import { execFile } from "node:child_process";
import { redactText } from "./redact.ts";

/** Longer answers are given up, not cut. */
const maxAnswerBytes = 10_000_000;
const timeoutMs = 15_000;

/** What a git command answered; a failed one carries a reason for the record. */
export type GitAnswer =
  | { readonly kind: "done"; readonly output: string }
  | { readonly kind: "failed"; readonly reason: string };

/** Runs git with the given arguments; `latin1` gives one character a byte. */
export type Git = (args: readonly string[], encoding?: "utf8" | "latin1") => Promise<GitAnswer>;

/** Settings of the user or the repository that would run programs or change the text of a diff. */
const settings = ["core.fsmonitor=false", "core.quotePath=false", "color.ui=false"];

/** Git in a directory: no shell, no locks, no questions, no programs that a repository names in its settings. */
export function gitIn(directory: string): Git {
  const prefix = settings.flatMap((setting) => ["-c", setting]);
  const options = {
    cwd: directory,
    env: gitEnvironment(),
    timeout: timeoutMs,
    maxBuffer: maxAnswerBytes,
    windowsHide: true,
  } as const;
  return (args, encoding = "utf8") =>
    new Promise((resolve) => {
      execFile("git", [...prefix, ...args], { ...options, encoding }, (error, stdout, stderr) => {
        if (error === null) resolve({ kind: "done", output: stdout });
        else resolve({ kind: "failed", reason: describeGitError(error, stderr) });
      });
    });
}

/** Without `GIT_DIR` and its like: they would point to another repository than the project's. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith("GIT_")) kept[name] = value;
  }
  return { ...kept, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0" };
}

function describeGitError(error: Error & { code?: unknown }, stderr: string): string {
  if (error.code === "ENOENT") return "git is not installed";
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
    return `git answered with more than ${maxAnswerBytes / 1e6} MB`;
  }
  const line = redactText(stderr.split("\n")[0] ?? "").text.trim();
  if (/not a git repository/.test(line)) return "the project is not in a git repository";
  return line === "" ? "git failed or did not answer in time" : `git: ${line}`;
}
