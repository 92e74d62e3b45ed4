import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { claim, ensureDirectory, writeAll } from "../../../src/store/file-steps.ts";

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

test("a disk that takes a little of each write gets all of it; one that takes nothing any more is an error", () => {
  const taken: number[] = [];
  const writing = (take: (call: number) => number): typeof nodeFileOperations => {
    let call = 0;
    return {
      ...nodeFileOperations,
      write: (_, bytes): number => {
        const part = bytes.subarray(0, take(++call));
        taken.push(...part);
        return part.length;
      },
    };
  };
  writeAll(
    writing((call) => (call % 3 === 0 ? 2 : 0)),
    0,
    Uint8Array.of(1, 2, 3, 4, 5),
  );
  expect(taken).toEqual([1, 2, 3, 4, 5]);
  const stuck = writing(() => 0);
  expect(() => writeAll(stuck, 0, "x")).toThrow(
    expect.objectContaining({ code: "EIO", message: "100 writes in a row took nothing" }),
  );
});
