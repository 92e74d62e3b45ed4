/** A run whose packages are not here: nothing is executed, and the way to them is told. */
import { expect, test } from "vitest";
import { verifyRun } from "../../../src/app/verify/verify-run.ts";
import { verdictDocument } from "../../../src/cli/commands/verify.ts";
import { verdictLines } from "../../../src/cli/verify-text.ts";
import { shellQuote } from "../../../src/core/shell-quote.ts";
import { finishedRun } from "./archive/sample.ts";

test("where a package is missing, checking the run out and installing there is the next step", async () => {
  const { store, run, projectDirectory } = finishedRun();
  const { directory } = store;
  const request = {
    name: run.runKey,
    runsDirectory: directory,
    workingDirectory: projectDirectory,
  };
  const { stored, verification } = await verifyRun(request, {
    isDense: false,
    isAcrossClasses: false,
    environment: {},
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onLine: () => undefined,
  });
  const name = run.runKey.slice(0, 8);
  const hint = `exp checkout ${name} --to DIR writes its sources and lock file; in DIR install its packages (npm ci, or pnpm install) and say exp verify ${name} --runs-dir ${shellQuote(directory)}`;
  expect(verdictLines(stored, verification)).toEqual([
    `${run.runKey.slice(0, 16)} ${run.name}: not comparable`,
    `  code: Lockstep is not installed in ${projectDirectory}.`,
    `  ${hint}`,
  ]);
  expect(verdictDocument(verification)).toMatchObject({ verdict: "not comparable", hint });
});
