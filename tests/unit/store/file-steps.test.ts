import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { claim, ensureDirectory } from "../../../src/store/file-steps.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a directory that another process removes right after it was found is made again", () => {
  const path = join(temporaryFolder(), "attempts");
  mkdirSync(path);
  let numCalls = 0;
  const operations = {
    ...nodeFileOperations,
    makeDirectory: (folder: string, withParents: boolean): string | undefined => {
      numCalls += 1;
      try {
        return nodeFileOperations.makeDirectory(folder, withParents);
      } finally {
        if (numCalls === 1) rmdirSync(folder); // the other process, between the refusal and the look
      }
    },
  };
  ensureDirectory(operations, path);
  expect(nodeFileOperations.status(path)?.kind).toBe("directory");
  expect(numCalls).toBe(2);
});

test("a parent that was missing at the rename and is there again by the time of the look is no failure", () => {
  const folder = temporaryFolder();
  const from = join(folder, "new");
  mkdirSync(from);
  writeFileSync(join(from, "attempt.json"), "{}");
  const parent = join(folder, "key");
  const operations = {
    ...nodeFileOperations,
    rename: (source: string, target: string): void => {
      try {
        nodeFileOperations.rename(source, target);
      } finally {
        mkdirSync(parent, { recursive: true }); // the other process
      }
    },
  };
  expect(claim(operations, from, join(parent, "1"))).toBe("no-parent");
  expect(claim(operations, from, join(parent, "1"))).toBe("claimed");
});
