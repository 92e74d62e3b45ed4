/** What the tests of the store share: a folder, and the error that a call ends with. */
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** In memory where there is such a place: none of these tests pulls the plug, and a busy disk syncs slowly. */
const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(base, "lockstep store ü-")));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export function errorOf(body: () => unknown): Error & { code?: string; hint?: string } {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("expected an error");
}
