/** What other processes see of an attempt whose process lives on and could not write how it ended. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { attemptStatus } from "../../../src/store/attempt-record.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "./sample-run.ts";

/** As another process sees it, which remembers nothing of ours. */
async function seenElsewhere(directory: string): Promise<string> {
  vi.resetModules();
  const elsewhere = await import("../../../src/store/attempt-record.ts");
  const view = { here: currentProcess(), nowMs: Date.now() };
  return elsewhere.attemptStatus(createFileSystem(), directory, view).kind;
}

/** A disk that is full from some moment on: nothing can be written, and everything removed. */
function fillingDisk(): { files: ReturnType<typeof createFileSystem>; fill: () => void } {
  let isFull = false;
  const write = (descriptor: number, bytes: Uint8Array): number => {
    if (isFull) throw Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
    return nodeFileOperations.write(descriptor, bytes);
  };
  const fill = (): void => void (isFull = true);
  return { files: createFileSystem({ ...nodeFileOperations, write }), fill };
}

test("an attempt that ended on a full disk is lost to everybody, though its process lives", async () => {
  const disk = fillingDisk();
  const attempt = begin(openStore(temporaryFolder(), { files: disk.files }), attemptOptions());
  expect(await seenElsewhere(attempt.directory)).toBe("running");
  disk.fill();
  attempt.fail(new Error("full"));
  expect(existsSync(join(attempt.directory, "failure.json"))).toBe(false);
  expect(await seenElsewhere(attempt.directory)).toBe("lost");
});

test("an attempt is running until it lies in the store, also while its last files are made durable", () => {
  const seen = new Set<string>();
  let directory = "";
  const sync = (descriptor: number): void => {
    const isThere = existsSync(join(directory, "attempt.json"));
    const isEnding = isThere && !existsSync(join(directory, "heartbeat"));
    const view = { here: currentProcess(), nowMs: Date.now() };
    if (isEnding) seen.add(attemptStatus(createFileSystem(), directory, view).kind);
    nodeFileOperations.sync(descriptor);
  };
  const files = createFileSystem({ ...nodeFileOperations, sync });
  const attempt = begin(openStore(temporaryFolder(), { files }), attemptOptions());
  ({ directory } = attempt);
  for (const event of runEvents(2)) attempt.record(event);
  attempt.finish();
  attempt.publish(documents);
  expect([...seen]).toEqual(["running"]);
});
