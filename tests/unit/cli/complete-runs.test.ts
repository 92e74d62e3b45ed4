/** Runs that Tab offers: whose names, told how, whatever lies in the folder. */
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { runArguments } from "../../../src/cli/completion-commands.ts";
import { temporaryFolder } from "../store/helpers.ts";

interface Candidate {
  readonly word: string;
  readonly what: string;
}
interface Runs {
  readonly runs: (
    typed: string,
    scope: { readonly folder: string; readonly which: string },
  ) => readonly Candidate[];
  readonly runsFolder: (words: readonly string[], workingDirectory: string) => string;
  readonly experimentOf: (
    folder: string,
    name: string,
    workingDirectory: string,
  ) => string | undefined;
}
const require = createRequire(import.meta.url);
const { runs, runsFolder, experimentOf } = require("../../../src/cli/complete-runs.cjs") as Runs;

const [finished, other, stopped] = ["3fa1b2c3d4e5f607", "40a1b2c3d4e5f607", "3fb1b2c3d4e5f607"];

function write(folder: string, path: string, record: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), JSON.stringify(record));
}

/** Two finished runs, one that was stopped twice, and what else lies in such a folder. */
function createRuns(): string {
  const folder = temporaryFolder();
  const startTime = new Date(2026, 10, 21, 9, 5).toISOString();
  write(folder, `${finished}/attempt.json`, { experiment: "pi", startTime });
  write(folder, `${other}/attempt.json`, { experiment: "a\tb\u001b[2J\n", startTime: 7 });
  write(folder, `.attempts/${stopped}/2/attempt.json`, { experiment: "old" });
  write(folder, `.attempts/${stopped}/10/attempt.json`, {
    experiment: "pi",
    argv: ["exp.cjs", "experiments/pi.ts", "seed=1"],
  });
  write(folder, `.attempts/${finished}/1/attempt.json`, {});
  write(folder, ".trash/1/note.json", {});
  write(folder, "notes.txt", "");
  return folder;
}

function words(typed: string, folder: string, which: string): readonly string[] {
  return runs(typed, { folder, which }).map(({ word }) => word);
}

beforeEach(() => {
  const before = process.env["LOCKSTEP_RUNS"];
  delete process.env["LOCKSTEP_RUNS"];
  onTestFinished(() => {
    if (before !== undefined) process.env["LOCKSTEP_RUNS"] = before;
    else delete process.env["LOCKSTEP_RUNS"];
  });
});

test("runs are offered by their first digits, finished or stopped as the command takes them", () => {
  const folder = createRuns();
  expect(words("", folder, "finished")).toEqual([`${finished} `, `${other} `]);
  expect(words("", folder, "stopped")).toEqual([`${stopped} `]);
  expect(words("3f", folder, "any")).toEqual([`${finished} `, `${stopped} `]);
  expect(words("3fb", folder, "finished")).toEqual([]);
  expect(words("batch", folder, "any")).toEqual([]);
  expect(words("", join(folder, "nowhere"), "any")).toEqual([]);
});

test("a run is told by its experiment and time, on one line without signs that move a cursor", () => {
  const told = runs("", { folder: createRuns(), which: "any" }).map(({ what }) => what);
  expect(told).toEqual(["pi, 2026-11-21 09:05", "pi", "a?b?[2J?"]);
});

test("a record that is a link or no JSON is not told, and the run is offered all the same", () => {
  const folder = createRuns();
  write(folder, "secret.json", { experiment: "secret" });
  mkdirSync(join(folder, "50a1b2c3d4e5f607"));
  symlinkSync(join(folder, "secret.json"), join(folder, "50a1b2c3d4e5f607/attempt.json"));
  mkdirSync(join(folder, "51a1b2c3d4e5f607"));
  writeFileSync(join(folder, "51a1b2c3d4e5f607/attempt.json"), '{"experiment":');
  expect(runs("5", { folder, which: "finished" })).toEqual([
    { word: "50a1b2c3d4e5f607 ", what: "" },
    { word: "51a1b2c3d4e5f607 ", what: "" },
  ]);
});

test("the folder is that of the flag, of the variable, or beside the nearest package.json", () => {
  const project = temporaryFolder();
  const inner = join(project, "experiments");
  mkdirSync(inner);
  writeFileSync(join(project, "package.json"), "{}");
  expect(runsFolder(["show"], inner)).toBe(join(project, "runs"));
  process.env["LOCKSTEP_RUNS"] = "elsewhere";
  expect(runsFolder(["show"], inner)).toBe(join(inner, "elsewhere"));
  expect(runsFolder(["show", "--runs-dir", "given"], inner)).toBe(join(inner, "given"));
  expect(runsFolder(["show", "--runs-dir=given=x"], inner)).toBe(join(inner, "given=x"));
});

test("the experiment of a run is the module that its last attempt was started with, where it is there", () => {
  const folder = createRuns();
  const project = temporaryFolder();
  expect(experimentOf(folder, stopped, project)).toBeUndefined();
  write(project, "experiments/pi.ts", "");
  expect(experimentOf(folder, stopped, project)).toBe("experiments/pi.ts");
  expect(experimentOf(folder, finished, project)).toBeUndefined();
});

test("each command that names a run in its usage has runs offered", () => {
  const folder = join(import.meta.dirname, "../../../src/cli/commands");
  const named = readdirSync(folder).filter((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return /"[<[](?:run|runs|run-or-tag)(?:\.\.\.)?[>\]]"/u.test(text);
  });
  expect(named.length).toBeGreaterThan(10);
  const names = [...named.map((file) => file.replace(".ts", "")), "diff"];
  expect(Object.keys(runArguments).toSorted()).toEqual(names.toSorted());
});
