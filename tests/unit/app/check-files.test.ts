/** Stored code that was changed since is not executed: what came of it would be blamed on the run. */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseChangedCode } from "../../../src/app/verify/check-files.ts";
import { archived, finishedRun, storedRun } from "./archive/sample.ts";

test.each(["bundle.js", "packages.json"])("%s of stored code", async (name) => {
  const stored = finishedRun();
  refuseChangedCode(stored);
  const file = join(stored.store.directory, ".code", stored.run.codeHash, name);
  if (name === "bundle.js") appendFileSync(file, "x");
  else writeFileSync(file, '[{"name":"zod","version":"1.0.0","integrity":"sha512-x"}]');
  const again = storedRun(stored.projectDirectory, stored.run.runKey);
  expect(() => {
    refuseChangedCode(again);
  }).toThrow(/bundle\.js or packages\.json in .* was changed/u);
  await expect(archived(again)).rejects.toThrow("is not that which it was made with");
});
