/** Which run `exp resume` means. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findNamedRun, resumedWords } from "../../../src/app/stopped-run.ts";
import { temporaryFolder } from "../store/helpers.ts";

test("a run whose attempts cannot be read is told as damaged, not as one without attempts", () => {
  const runs = temporaryFolder();
  const attempt = join(runs, ".attempts", "0123456789abcdef", "1");
  mkdirSync(attempt, { recursive: true });
  writeFileSync(join(attempt, "attempt.json"), '{"format": "lockst');
  expect(() => findNamedRun("01234567", runs)).toThrow(/No attempt of the run in .* can be read/u);
  expect(() => findNamedRun("fedcba98", runs)).toThrow(
    '"fedcba98" has no attempt; expected 8 or more digits.',
  );
});

test("what goes on with a run names the folder that it is in, not the one that it was started in", () => {
  const words = ["experiments/a.ts", "seed=7", "--runs-dir", "../old", "--only", "01234567"];
  const start = ["experiments/a.ts", "seed=7"];
  expect(resumedWords(words, { only: "89abcdef", runsDirectory: "../new" })).toEqual([
    ...start,
    "--runs-dir",
    "../new",
    "--only",
    "89abcdef",
  ]);
  const joined = ["--runs-dir=../old", ...start, "--only=01234567"];
  expect(resumedWords(joined, { only: "89abcdef", runsDirectory: "../new" })).toEqual([
    ...start,
    "--runs-dir",
    "../new",
    "--only",
    "89abcdef",
  ]);
  expect(resumedWords(words, { only: "89abcdef" })).toEqual([
    ...words.slice(0, 4),
    "--only",
    "89abcdef",
  ]);
});
