/** Which run `exp resume` means. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findNamedRun } from "../../../src/app/stopped-run.ts";
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
