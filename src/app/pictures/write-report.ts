/** A page written where it was asked for, over nothing that somebody else wrote. */
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { pageGenerator, runsPage } from "../../report/page/page.ts";
import type { RunsReport } from "../../report/page/runs-report.ts";

/** Where the page goes. */
export interface PageTarget {
  /** Relative to the working directory, or absolute. */
  readonly file: string;
  readonly workingDirectory: string;
  /** Whether any file that is there is replaced. */
  readonly isForced: boolean;
}

/**
 * Refuses a place where something lies that is no page of `exp report`, before anything is read for the page.
 * @throws {ExpError} `usage`.
 */
export function checkTarget({ file, workingDirectory, isForced }: PageTarget): void {
  const target = resolve(workingDirectory, file);
  const status = lstatSync(target, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (status.isDirectory()) {
    throw new ExpError("usage", `${file} is a folder.`, { hint: "Name a file in it." });
  }
  if (isForced || (status.isFile() && isOwnPage(target))) return;
  throw new ExpError("usage", `${file} is there already, and exp report did not write it.`, {
    hint: "Give --force to replace it, or name another file.",
  });
}

/** What it is made with stands in the head of a page. */
function isOwnPage(target: string): boolean {
  return readFileSync(target, "utf8").slice(0, 1000).includes(`content="${pageGenerator}"`);
}

/**
 * Writes the page in one step, so that nobody reads half of it.
 * @returns Its size in bytes.
 * @throws {ExpError} `usage` as `checkTarget`; `environment` where it cannot be written.
 */
export function writePage(report: RunsReport, target: PageTarget): number {
  checkTarget(target);
  const path = resolve(target.workingDirectory, target.file);
  const text = runsPage(report);
  const temporary = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpError("environment", `The page cannot be written to ${target.file}: ${reason}.`, {
      hint: "Free some space or change the rights there, or name another file.",
      cause: error,
    });
  }
  return Buffer.byteLength(text);
}
