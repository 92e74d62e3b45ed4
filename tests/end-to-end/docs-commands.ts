/** What the commands of `docs/` print: most of them in one process, those with a pipe by a shell. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { shellWords } from "./docs-pages.ts";
import { repository } from "./project.ts";

/** A command line, and the folder that it is typed in. */
export interface TypedCommand {
  readonly directory: string;
  readonly line: string;
}

export interface Printed {
  readonly status: number;
  /** Standard output and standard error in the order of writing. */
  readonly text: string;
}

/** Variables that would change what is printed. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { LOCKSTEP_RUNS: _, FORCE_COLOR: __, ...inherited } = process.env;
  return { ...inherited, NO_COLOR: "1" };
}

/** Tells whether a command line is `exp` alone, with variables before it at most. */
export function isPlain(line: string): boolean {
  return /^(?:[A-Z_]+=\S* )*exp (?!.*\|)/u.test(line);
}

/** Executes command lines that are plain, one after the other, in one process. */
export function executeTogether(commands: readonly TypedCommand[]): Promise<readonly Printed[]> {
  const jobs = commands.map(({ directory, line }) => ({ directory, ...assignments(line) }));
  return new Promise((resolve, reject) => {
    const script = join(repository, "tests/end-to-end/exp-batch.cjs");
    const stdio = ["pipe", "inherit", "inherit", "pipe"] as const;
    const child = spawn(process.execPath, [script], { env: cleanEnvironment(), stdio: [...stdio] });
    let answer = "";
    child.stdio[3]?.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    child.on("error", reject);
    child.on("close", (status) => {
      if (status !== 0) reject(new Error(`the commands ended with ${status}`));
      else resolve(JSON.parse(answer) as readonly Printed[]);
    });
    child.stdin?.end(JSON.stringify(jobs));
  });
}

/** `NAME=value exp words…` as the words and the variables. */
function assignments(line: string): {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
} {
  const all = shellWords(line);
  const start = all.indexOf("exp");
  const pairs = all.slice(0, start).map((word) => word.split("=") as [string, string]);
  return { words: all.slice(start + 1), environment: Object.fromEntries(pairs) };
}

/** Executes a command line with pipes, or of a script. */
export function executeByShell({ directory, line }: TypedCommand): Printed {
  const command = line.replace(/^npx tsx /u, `"${process.execPath}" --import tsx `);
  const bin = join(directory, "node_modules-bin");
  mkdirSync(bin, { recursive: true });
  const executable = join(repository, "src/cli/exp.cjs");
  writeFileSync(join(bin, "exp"), `#!/bin/sh\nexec "${process.execPath}" "${executable}" "$@"\n`);
  chmodSync(join(bin, "exp"), 0o755);
  const environment = cleanEnvironment();
  const PATH = `${bin}${delimiter}${environment["PATH"] ?? ""}`;
  const { status, stdout } = spawnSync("sh", ["-c", `{ ${command}; } 2>&1`], {
    cwd: directory,
    env: { ...environment, PATH },
    encoding: "utf8",
  });
  return { status: status ?? -1, text: stdout };
}

/** The same text without what differs from run to run: digests, times, sizes of this machine. */
function settled(line: string): string {
  return line
    .replaceAll(/\b[0-9a-f]{8,64}\b/gu, "#")
    .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d\b/gu, "2026-11-21 17:40")
    .replaceAll(/(?<=\s)\d+:\d\d(?=\s|$)/gu, "0:00")
    .replaceAll(/[\d.,]+ (?:[KMG]i?B|kB|bytes)\b/gu, "0 B")
    .replaceAll(/ {2,}/gu, "  ")
    .trimEnd();
}

/** Tells whether a text is what a page shows; a shown line that is `…` stands for any number of lines. */
export function isShown(shown: string, printed: string): boolean {
  const expected = shown.trimEnd().split("\n").map(settled);
  const found = printed.trimEnd().split("\n").map(settled);
  const fits = (at: number, line: number): boolean => {
    if (at === expected.length) return line === found.length;
    if (expected[at]?.trim() === "…") {
      return fits(at + 1, line) || (line < found.length && fits(at, line + 1));
    }
    return line < found.length && expected[at] === found[line] && fits(at + 1, line + 1);
  };
  return fits(0, 0);
}
