/** A disk that is full when runs are exported: one message that says what and where, and no remains. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportRuns } from "../../../../src/app/export/export-runs.ts";
import { statusOfError } from "../../../../src/cli/exit-status.ts";
import { isExpError } from "../../../../src/core/errors.ts";
import { nodeFileOperations } from "../../../../src/store/file-operations.ts";
import { createFileSystem } from "../../../../src/store/file-system.ts";
import { openStore } from "../../../../src/store/store.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { publishRun } from "../../store/sample-run.ts";

const full = createFileSystem({
  ...nodeFileOperations,
  write: () => {
    throw Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
  },
});

test.each([
  ["csv", "curves.csv"],
  ["parquet", "curves.parquet"],
  ["tensorboard", "exports"],
  ["hf", "exports"],
])("to %s it ends the command as trouble of the machine", async (to, place) => {
  const [store, out] = [temporaryFolder(), join(temporaryFolder(), "out")];
  for (const seed of [1, 2]) publishRun(openStore(store), seed);
  const context = { runsDirectory: store, workingDirectory: store, environment: {} };
  const { signal } = new AbortController();
  const told: unknown[] = [];
  const what = { to, out, words: ["seed >= 0"], signal, onRun: (run: unknown) => told.push(run) };
  const error: unknown = await exportRuns({ ...context, ...what, files: full }).catch(
    (thrown: unknown) => thrown,
  );
  if (!isExpError(error)) throw new Error(String(error));
  expect(error.message).toMatch(/^The disk is full: could not write .+ \(ENOSPC\)\.$/u);
  expect(error.message).toContain(place);
  expect(error.hint).toContain("Free some space and run the same command again");
  expect(statusOfError(error.code)).toBe(2);
  expect(told).toEqual([]);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  expect(await exportRuns({ ...context, ...what })).toBeDefined();
});
