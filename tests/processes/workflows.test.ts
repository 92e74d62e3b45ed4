/** The steps of the workflows, as the runner would type them; GitHub itself is a stand-in that writes down what it is asked. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { repository, type Finished } from "../end-to-end/project.ts";

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The dependencies are there: nothing is installed again. */
function make(target: string, variables: Readonly<Record<string, string>>): Finished {
  const args = ["-s", "-o", "node_modules/.installed", target];
  const { LOCKSTEP_RUNS: _, GITHUB_STEP_SUMMARY: __, ...inherited } = process.env;
  const env = { ...inherited, NO_COLOR: "1", ...variables };
  const { status, stdout, stderr } = spawnSync("make", args, {
    cwd: repository,
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** An archive of the sources has no history that could be compared with. */
const hasHistory = existsSync(join(repository, ".git"));

test.skipIf(!hasHistory)(
  "ci-compare writes the document, ci-comment makes the comment of it",
  () => {
    const folder = scratch();
    const files = { DOCUMENT: join(folder, "ci.json"), COMMENT: join(folder, "comment.md") };
    const compared = make("ci-compare", {
      BASE: "HEAD",
      LOCKSTEP_RUNS: join(folder, "runs"),
      ...files,
    });
    expect(compared.status, compared.stderr).toBe(0);
    expect(compared.stdout).toMatch(/\d+ experiments: /u);
    const commented = make("ci-comment", files);
    expect(commented.status, commented.stderr).toBe(0);
    expect(readFileSync(files.COMMENT, "utf8")).toMatch(
      /^<!-- lockstep\/ci -->\n### Experiments: /u,
    );
    writeFileSync(files.DOCUMENT, "{}");
    expect(make("ci-comment", files).status).not.toBe(0);
  },
  240_000,
);

test("ci-snapshots: the snapshots of this repository are as its experiments resolve", () => {
  const { status, stdout, stderr } = make("ci-snapshots", {});
  expect(status, stdout + stderr).toBe(0);
}, 240_000);

const gh = `#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$GH_LOG"
case "$*" in
*"/pulls "*) printf '%s' "$GH_PULLS" ;;
*--paginate*) printf '%s' "$GH_EARLIER" ;;
esac
`;

/** A line of the pull requests that GitHub lists for a branch. */
function pull(number: number, from = "somebody/r", sha = "c".repeat(40)): string {
  return `${number}\t${sha}\t${from}\to/r\n`;
}

function post(variables: Readonly<Record<string, string>>): {
  calls: string;
  status: number | null;
} {
  const folder = scratch();
  const log = join(folder, "log");
  writeFileSync(log, "");
  writeFileSync(join(folder, "gh"), gh);
  chmodSync(join(folder, "gh"), 0o755);
  writeFileSync(join(folder, "comment.md"), "<!-- lockstep/ci -->\n### Experiments\n");
  const { status } = make("ci-post", {
    PATH: `${folder}:${process.env["PATH"] ?? ""}`,
    GH_LOG: log,
    GH_PULLS: pull(7),
    GH_EARLIER: "",
    COMMENT: join(folder, "comment.md"),
    REPOSITORY: "o/r",
    HEAD_REPOSITORY: "somebody/r",
    HEAD_OWNER: "somebody",
    HEAD_BRANCH: "$(touch harm);`touch harm`",
    HEAD_SHA: "c".repeat(40),
    ...variables,
  });
  const calls = readFileSync(log, "utf8").replaceAll(folder, "");
  return { calls, status };
}

test("ci-post: a new comment, the earlier one anew, or none for a branch that has moved on", () => {
  const fresh = post({});
  expect(fresh.status).toBe(0);
  expect(fresh.calls).toContain("head=somebody:$(touch harm);`touch harm`");
  expect(fresh.calls).toContain("--method POST repos/o/r/issues/7/comments -F body=@/comment.md");
  expect(existsSync(join(repository, "harm"))).toBe(false);
  const again = post({ GH_EARLIER: "31" });
  expect(again.calls).toContain("--method PATCH repos/o/r/issues/comments/31 -F body=@/comment.md");
  expect(again.calls).not.toContain("POST");
  const late = post({ GH_PULLS: pull(7, "somebody/r", "d".repeat(40)) });
  expect(late.status).toBe(0);
  expect(late.calls).not.toMatch(/POST|PATCH/u);
  expect(post({ HEAD_SHA: "" }).status).not.toBe(0);
}, 60_000);

test("ci-post: of several pull requests the one from the repository of the branch, never one of two", () => {
  const one = post({ GH_PULLS: pull(3, "somebody/other-fork") + pull(9) + pull(4, "null") });
  expect(one.status).toBe(0);
  expect(one.calls).toContain("POST repos/o/r/issues/9/comments");
  const two = post({ GH_PULLS: pull(9) + pull(12) });
  expect(two.status).not.toBe(0);
  expect(two.calls).not.toMatch(/POST|PATCH/u);
}, 60_000);

test("ci-sweep executes what was typed and adds its table to the summary", () => {
  const folder = scratch();
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "");
  const sweep = (EXPERIMENT: string, OVERRIDES: string): Finished =>
    make("ci-sweep", {
      EXPERIMENT,
      OVERRIDES,
      GITHUB_STEP_SUMMARY: summary,
      LOCKSTEP_RUNS: join(folder, "runs"),
    });
  const done = sweep("experiments/pi.ts", "numSteps=5 batchSize=100,200");
  expect(done.status, done.stderr).toBe(0);
  const table = readFileSync(summary, "utf8");
  expect(table).toMatch(/^### Sweep\n\n {4}experiments\/pi\.ts numSteps=5 batchSize=100,200\n/u);
  expect(table).toMatch(/^ {4}.*finished/mu);
  expect(sweep("experiments/pi.ts", "--runs-dir /").stderr).toContain("is a flag");
  expect(sweep("--help", "").stderr).toContain("is no file");
  expect(sweep("experiments/pi.ts", "$(touch harm)").status).not.toBe(0);
  expect(existsSync(join(repository, "harm"))).toBe(false);
}, 240_000);

test("the scripts are shell that bash understands", () => {
  for (const name of ["post-comment", "sweep"])
    execFileSync("bash", ["-n", join(repository, ".ci", name)]);
});
