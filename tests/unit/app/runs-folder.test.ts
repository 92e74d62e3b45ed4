/** Which folder of runs a path names. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { compareRuns } from "../../../src/app/lookups/compare-runs.ts";
import { showRun } from "../../../src/app/lookups/show-run.ts";
import { runsFolderOf } from "../../../src/app/runs-folder.ts";
import { findStoredRun } from "../../../src/app/verify/stored-run.ts";
import { errorOf, temporaryFolder } from "../store/helpers.ts";
import { createStore } from "../store/index/stores.ts";

const name = "0123456789abcdef";

// Where the tests themselves are given a folder of runs, it is none of theirs.
beforeEach(() => void vi.stubEnv("LOCKSTEP_RUNS", undefined));
afterEach(() => void vi.unstubAllEnvs());

function folders(): { project: string; elsewhere: string } {
  const root = temporaryFolder();
  const project = join(root, "project");
  const elsewhere = join(root, "r2");
  for (const folder of [name, `.attempts/${name}/1`, `.foreign/wandb/${name}`, `.trash/3/${name}`])
    mkdirSync(join(elsewhere, folder), { recursive: true });
  mkdirSync(join(project, "runs", name), { recursive: true });
  writeFileSync(join(project, "package.json"), "{}");
  for (const folder of [name, `.trash/3/${name}`])
    writeFileSync(join(elsewhere, folder, "manifest.json"), "{}");
  return { project, elsewhere };
}

test("the path of a run says itself in which folder of runs it is", () => {
  const { project, elsewhere } = folders();
  const here = join(project, "runs");
  const of = (path: string, given?: string): string => runsFolderOf(path, given, project);
  for (const path of [name, `${name}/manifest.json`, `.attempts/${name}/1`]) {
    expect(of(`../r2/${path}`)).toBe(elsewhere);
    expect(of(join(elsewhere, path))).toBe(elsewhere);
  }
  expect(of(`../r2/.foreign/wandb/${name}`)).toBe(elsewhere);
  expect(runsFolderOf(".", undefined, join(elsewhere, name))).toBe(elsewhere);
  for (const path of [name, `runs/${name}`, `../r3/${name}`, "../r2", `../r2/.trash/3/${name}`])
    expect(of(path)).toBe(here);
  expect(of(`../r2/${name}`, "given")).toBe(join(project, "given"));
});

test("a run of another folder is shown and taken by its path; where several are named, the folder is told", () => {
  const elsewhere = createStore(1);
  const { project: workingDirectory } = folders();
  const context = { workingDirectory, environment: {} };
  const { run } = showRun({ ...context, runsDirectory: elsewhere }, "experiment-0");
  const path = join(elsewhere, run.name);
  expect(showRun(context, path)).toMatchObject({ store: elsewhere, run: { name: run.name } });
  // The sample store holds what look-ups read, and no record of an attempt: the run itself was found.
  expect(errorOf(() => findStoredRun({ name: path, workingDirectory })).message).not.toContain(
    "does not name a run",
  );
  const compared = { ...context, operands: [path], isWhole: false };
  expect(errorOf(() => compareRuns(compared)).hint).toBe(
    `It is a run in another folder of runs: --runs-dir ${elsewhere} looks there.`,
  );
});
