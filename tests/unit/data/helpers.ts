/** Small fixtures for the tests of `src/data`. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { isExpError, type ExpError } from "../../../src/core/errors.ts";

/** The repository's own folder. */
export const repository = join(import.meta.dirname, "..", "..", "..");

/** A new folder with the given files, removed after the test. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lockstep-data-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** The `ExpError` that a call ends with. */
export async function errorOf(call: () => unknown): Promise<ExpError> {
  try {
    await call();
  } catch (error) {
    expect(isExpError(error), String(error)).toBe(true);
    return error as ExpError;
  }
  throw new Error("the call was expected to fail");
}

/** An IDX file of unsigned bytes. */
export function idxFile(sizes: readonly number[], values: readonly number[]): Uint8Array {
  const header = new Uint8Array(4 + 4 * sizes.length);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, index) => view.setUint32(4 + 4 * index, size));
  return Uint8Array.from([...header, ...values]);
}
