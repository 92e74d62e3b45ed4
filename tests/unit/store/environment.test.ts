import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { captureEnvironment, type CapturedEnvironment } from "../../../src/store/environment.ts";
import { temporaryFolder } from "./helpers.ts";

function git(directory: string, ...args: string[]): string {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: directory, encoding: "utf8" });
}

function repository(): string {
  const folder = temporaryFolder();
  git(folder, "init", "-q", "-b", "main");
  writeFileSync(join(folder, ".gitignore"), "ignored.ts\nnode_modules/\n");
  writeFileSync(join(folder, "a.ts"), "export const a = 1;\n");
  git(folder, "add", ".");
  git(folder, "commit", "-q", "-m", "first");
  return folder;
}

async function capture(projectDirectory: string): Promise<CapturedEnvironment> {
  return captureEnvironment({
    projectDirectory,
    environmentClass: "wasm/1",
    lockstepVersion: "0.1.0",
    backendFacts: { backend: "wasm" },
  });
}

test("the machine is described with versions, processor and memory", async () => {
  const { facts, machine } = await capture(temporaryFolder());
  expect(facts).toMatchObject({
    format: "lockstep/environment/1",
    environmentClass: "wasm/1",
    backend: { backend: "wasm" },
    machine: { lockstep: "0.1.0", node: process.versions.node, v8: process.versions.v8 },
  });
  expect(machine.numCores).toBeGreaterThan(0);
  expect(machine.memoryBytes).toBeGreaterThan(1e6);
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
});

test("environment variables are taken by name only", async () => {
  vi.stubEnv("TZ", "Asia/Tokyo");
  vi.stubEnv("LOCKSTEP_VECTORS", "128");
  vi.stubEnv("DATABASE_PASSWORD", "canary");
  vi.stubEnv("NODE_OPTIONS", "");
  const { facts } = await capture(temporaryFolder());
  vi.unstubAllEnvs();
  expect(facts).toMatchObject({
    variables: { TZ: "Asia/Tokyo", LOCKSTEP_VECTORS: "128" },
    machine: { timeZone: "Asia/Tokyo" },
  });
  expect(JSON.stringify(facts)).not.toContain("canary");
});

test("a clean repository gives commit, branch, and an empty diff", async () => {
  const folder = repository();
  git(folder, "remote", "add", "origin", "https://user:canary@example.com/r.git");
  const { git: facts, uncommittedDiff } = await capture(folder);
  expect(facts).toEqual({
    kind: "repository",
    commit: git(folder, "rev-parse", "HEAD").trim(),
    branch: "main",
    remote: "https://example.com/r.git",
    projectPath: "",
    isDirty: false,
    diff: { sha256: sha256(""), isComplete: true, numRedacted: 0, notes: [] },
    untracked: [],
  });
  expect(uncommittedDiff).toHaveLength(0);
});

test("a diff with changed, deleted, binary and untracked files makes the same tree again", async () => {
  const folder = repository();
  writeFileSync(join(folder, "gone.ts"), "gone\n");
  writeFileSync(join(folder, "latin1.csv"), Buffer.from([0x66, 0xfc, 0x0a]));
  writeFileSync(join(folder, "weights.bin"), Buffer.from([0, 1, 2, 255]));
  git(folder, "add", ".");
  git(folder, "commit", "-q", "-m", "second");
  const project = join(folder, "pro ject");
  mkdirSync(join(project, "presets"), { recursive: true });
  const written: [string, string | Buffer][] = [
    ["a.ts", "export const a = 2; // no newline at the end"],
    ["latin1.csv", Buffer.from([0x66, 0xfc, 0xdf, 0x0a])],
    ["weights.bin", Buffer.from([0, 1, 3, 255, 0])],
    ["pro ject/new.ts", "export const ü = '\u0007';\r\nlast"],
    ["pro ject/presets/empty.json", ""],
    ['pro ject/presets/quote"\\tab\t.ts', "x\n\n"],
    ["pro ject/ümlaut.ts", "\n"],
  ];
  for (const [path, content] of written) writeFileSync(join(folder, path), content);
  chmodSync(join(project, "new.ts"), 0o755);
  rmSync(join(folder, "gone.ts"));
  writeFileSync(join(folder, "pro ject", "ignored.ts"), "ignored");
  writeFileSync(join(folder, "pro ject", "notes.txt"), "not a source");
  const { git: facts, uncommittedDiff } = await capture(project);
  expect(facts).toMatchObject({ kind: "repository", projectPath: "pro ject", isDirty: true });
  expect(facts).toMatchObject({ diff: { isComplete: true, notes: [] } });
  expect(facts.kind === "repository" ? facts.untracked.map((file) => file.path) : []).toEqual(
    written
      .slice(3)
      .map(([path]) => path)
      .sort(),
  );
  const clone = join(temporaryFolder(), "clone");
  git(folder, "clone", "-q", folder, clone);
  execFileSync("git", ["apply", "--whitespace=nowarn", "-"], {
    cwd: clone,
    input: uncommittedDiff,
  });
  for (const [path, content] of written) {
    expect(readFileSync(join(clone, path))).toEqual(Buffer.from(content));
  }
  const status = git(clone, "-c", "core.quotePath=false", "status", "--short", "-uall");
  expect(status).toContain(" D gone.ts");
  expect(status).not.toMatch(/ignored|notes/);
});

test("settings of a repository that would run programs are not followed", async () => {
  const folder = repository();
  const mark = join(folder, "executed");
  for (const key of ["core.fsmonitor", "diff.external", "diff.x.textconv"]) {
    git(folder, "config", key, `touch "${mark}"; true`);
  }
  writeFileSync(join(folder, ".gitattributes"), "*.ts diff=x\n");
  writeFileSync(join(folder, "a.ts"), "changed\n");
  const { uncommittedDiff } = await capture(folder);
  expect(Buffer.from(uncommittedDiff).toString()).toContain("+changed");
  expect(() => readFileSync(mark)).toThrow("ENOENT");
});

test("secrets in uncommitted files are taken out, and the record says so", async () => {
  const folder = repository();
  writeFileSync(join(folder, "a.ts"), "const key = 'AKIAABCDEFGHIJKLMNOP';\n");
  writeFileSync(join(folder, "b.json"), '{"token":"ghp_abcdefghijklmnopqrstuvwxyz0123456789"}');
  const { git: facts, uncommittedDiff } = await capture(folder);
  const text = Buffer.from(uncommittedDiff).toString();
  expect(text).not.toMatch(/AKIA|ghp_/);
  expect(facts).toMatchObject({
    diff: {
      sha256: sha256(uncommittedDiff),
      isComplete: false,
      notes: [
        "2 secrets were replaced by [redacted]: the changes are not exactly restorable, supply them yourself",
      ],
    },
  });
});

test("values of names that give them away are taken out of changed and new files", async () => {
  const folder = repository();
  writeFileSync(join(folder, "a.ts"), 'const password = "canary one";\nrun(password);\n');
  writeFileSync(join(folder, "b.ts"), "process.env.SERVICE_KEY = 'canary two';\n");
  const { git: facts, uncommittedDiff } = await capture(folder);
  const text = Buffer.from(uncommittedDiff).toString();
  expect(text).toContain('+const password = "[redacted]";\n+run(password);\n');
  expect(text).not.toContain("canary");
  expect(facts).toMatchObject({
    diff: {
      isComplete: false,
      notes: [
        "2 secrets were replaced by [redacted]: the changes are not exactly restorable, supply them yourself",
      ],
    },
  });
  git(folder, "stash", "--include-untracked", "--quiet");
  execFileSync("git", ["apply", "-"], { cwd: folder, input: uncommittedDiff });
});

test("what cannot be kept is named: a link, a huge file, a diff beyond 10 MB", async () => {
  const folder = repository();
  symlinkSync("/etc/passwd", join(folder, "link.json"));
  writeFileSync(join(folder, "huge.json"), "x".repeat(1_000_001));
  writeFileSync(join(folder, "broken.json"), Buffer.from([0xff, 0xfe]));
  writeFileSync(join(folder, "a.ts"), "y\n".repeat(5_100_000));
  const { git: facts, uncommittedDiff } = await capture(folder);
  expect(Buffer.from(uncommittedDiff).toString()).toBe("");
  expect(facts).toMatchObject({
    isDirty: true,
    untracked: [],
    diff: {
      isComplete: false,
      notes: [
        "changes of tracked files are not kept: git answered with more than 10 MB",
        '"broken.json" is not kept: it cannot be read as text',
        '"huge.json" is not kept: it has more than 1 MB',
        '"link.json" is not kept: it is not a regular file',
      ],
    },
  });
});

test("before the first commit there is no commit, and the diff holds what is staged", async () => {
  const folder = temporaryFolder();
  git(folder, "init", "-q", "-b", "main");
  writeFileSync(join(folder, "a.ts"), "staged\n");
  git(folder, "add", "a.ts");
  const { git: facts, uncommittedDiff } = await capture(folder);
  expect(facts).toMatchObject({ kind: "repository", commit: null, branch: "main", isDirty: true });
  expect(Buffer.from(uncommittedDiff).toString()).toContain("+staged");
});

test("a detached head has a commit and no branch", async () => {
  const folder = repository();
  git(folder, "checkout", "-q", "--detach");
  const { git: facts } = await capture(folder);
  expect(facts).toMatchObject({ kind: "repository", branch: null, remote: null });
});

test("without a repository, or without git, the reason is recorded", async () => {
  const folder = temporaryFolder();
  const outside = await capture(folder);
  expect(outside.git).toEqual({ kind: "none", reason: "the project is not in a git repository" });
  expect(outside.uncommittedDiff).toHaveLength(0);
  vi.stubEnv("PATH", folder);
  const without = await capture(folder);
  vi.unstubAllEnvs();
  expect(without.git).toEqual({ kind: "none", reason: "git is not installed" });
});

test("a folder of runs that git does not ignore is no part of the sources", async () => {
  const folder = repository();
  const run = join(folder, "my-runs", "0123456789abcdef");
  mkdirSync(join(folder, "my-runs", ".attempts"), { recursive: true });
  mkdirSync(run);
  writeFileSync(join(run, "config.json"), "{}\n");
  writeFileSync(join(folder, "my-runs", "note.json"), "{}\n");
  writeFileSync(join(folder, "new.ts"), "export const b = 2;\n");
  const { facts, uncommittedDiff } = await capture(folder);
  expect(facts).toMatchObject({ git: { untracked: [{ path: "new.ts" }] } });
  expect(Buffer.from(uncommittedDiff).toString()).not.toContain("my-runs");
});
