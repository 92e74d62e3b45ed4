/** Which finished runs their experiments no longer ask for, and what is said where that is not known. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  unmatchedRuns,
  type HashesByFile,
  type RunsRequest,
} from "../../../../src/app/ci/unmatched-runs.ts";
import type { Evaluation, OpenTree } from "../../../../src/app/diff/evaluate-trees.ts";

const hash = (digit: string): string => digit.repeat(64);

const asking = (configHash: string): Evaluation => ({
  experiment: "x",
  task: { name: "line", version: 1 },
  runs: [{ config: {}, identity: {}, axisValues: {}, configHash }],
  originOf: () => Promise.resolve(undefined),
});

/** A tree whose experiments ask, with overrides, for what the first of them says. */
function tree(asked: string[]): OpenTree {
  return {
    evaluator: {
      evaluate: (file, overrides = []) => {
        asked.push([file, ...overrides].join(" "));
        return Promise.resolve(asking(hash(overrides[0]?.slice(-1) ?? "")));
      },
      end: () => Promise.resolve(),
    },
    remove: () => undefined,
  };
}

function finishedRuns(
  attempts: Readonly<Record<string, { configHash: string; attempt: unknown; values?: object }>>,
): RunsRequest["finished"] {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const runs = Object.entries(attempts).map(([digit, { configHash, attempt, values = {} }]) => {
    const directory = join(folder, digit);
    mkdirSync(directory);
    writeFileSync(join(directory, "attempt.json"), JSON.stringify(attempt));
    writeFileSync(join(directory, "provenance.json"), JSON.stringify({ values }));
    return { directory, runKey: hash(digit), manifest: { identities: { configHash } } };
  });
  return { runs, damaged: [folder] };
}

const hashes: HashesByFile = new Map([
  ["experiments/x.ts", { before: asking(hash("1")), after: asking(hash("2")) }],
  ["experiments/broken.ts", { before: asking(hash("1")), after: { problem: "it ended" } }],
  ["experiments/old.ts", { before: asking(hash("1")) }],
  ["experiments/a/twin.ts", { after: asking(hash("3")) }],
  ["experiments/b/twin.ts", { after: asking(hash("2")) }],
]);
const attempt = (experiment: string, ...argv: readonly string[]): unknown => ({
  experiment,
  argv: ["/bin/exp=1", `experiments/${experiment}.ts`, ...argv],
});

test("each run is looked up with the overrides that it was asked for with", async () => {
  const asked: string[] = [];
  const finished = finishedRuns({
    a: { configHash: hash("2"), attempt: attempt("x") },
    b: { configHash: hash("1"), attempt: attempt("x", "--json") },
    c: { configHash: hash("5"), attempt: attempt("x") },
    d: { configHash: hash("7"), attempt: attempt("x", "slope=7") },
    e: { configHash: hash("8"), attempt: attempt("x", "slope=7", "--threads", "2") },
    f: { configHash: hash("1"), attempt: attempt("broken") },
    "0": { configHash: hash("1"), attempt: attempt("old") },
    "1": { configHash: hash("1"), attempt: attempt("nowhere") },
    "2": { configHash: hash("2"), attempt: attempt("twin") },
    "3": {
      configHash: hash("2"),
      attempt: { experiment: "twin", argv: ["exp", "experiments/b/twin.ts"] },
    },
    "4": { configHash: hash("1"), attempt: attempt("x", "apiKey=[redacted]") },
    "5": { configHash: hash("1"), attempt: [] },
  });
  const found = await unmatchedRuns({ finished, hashes, sides: [tree(asked), tree(asked)] });
  expect([found.numChecked, found.numDamaged]).toEqual([12, 1]);
  const told = new Map(
    found.unmatched.map(({ run, status, reason }) => [run.slice(0, 1), reason ?? status]),
  );
  expect(Object.fromEntries(told)).toEqual({
    b: "changed",
    c: "earlier",
    e: "earlier",
    f: "it ended",
    "0": "gone",
    "1": "gone",
    "2": "several experiments are called so: experiments/a/twin.ts, experiments/b/twin.ts",
    "4": "a secret among its overrides was masked",
    "5": expect.stringContaining("is damaged") as string,
  });
  expect(asked).toEqual(Array.from({ length: 2 }, () => "experiments/x.ts slope=7")); // once on each side
});

test("a run that was gone on with, or of a saved plan, is looked up with the arguments that set its values", async () => {
  const asked: string[] = [];
  const set = (slope: number): object => ({
    seed: [{ layer: "default", value: 0 }],
    slope: [
      { layer: "module", value: 0 },
      { layer: "command line", argument: `slope=${slope}` },
    ],
    width: [{ layer: "command line", argument: `slope=${slope}` }], // one argument may set several
  });
  const run = (configHash: string, slope: number, ...words: string[]): object => {
    return {
      configHash,
      attempt: { experiment: "x", argv: ["/bin/exp", ...words] },
      values: set(slope),
    };
  };
  const finished = finishedRuns({
    a: run(hash("7"), 7, "resume", "0123456789abcdef"),
    b: run(hash("7"), 7, "run", "plan.json"),
    c: run(hash("4"), 7, "resume", "0123456789abcdef"), // another override took something away
  } as Parameters<typeof finishedRuns>[0]);
  const { unmatched } = await unmatchedRuns({
    finished,
    hashes,
    sides: [tree(asked), tree(asked)],
  });
  expect(unmatched.map(({ run: name, status }) => [name.slice(0, 1), status])).toEqual([
    ["c", "unknown"],
  ]);
  expect(unmatched[0]?.reason).toMatch(/^its command line names no experiment/u);
  expect(asked).toEqual(Array.from({ length: 2 }, () => "experiments/x.ts slope=7"));
});
