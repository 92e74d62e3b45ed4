/** What a check of the store finds, and what is done about it. */
import { join, relative, sep } from "node:path";
import { isExpError } from "../core/errors.ts";
import type { FileSystem } from "./file-system.ts";
import type { ProcessFacts } from "./process-facts.ts";
import { moveToTrash } from "./trash.ts";

/** `error`: a result cannot be trusted or reached; `warning`: worth a look; `note`: only said. */
export type Severity = "error" | "warning" | "note";

/** One thing that a check found. */
export interface Finding {
  readonly severity: Severity;
  /** What it is, for scripts: lower-case words with hyphens, never reworded. */
  readonly code: string;
  /** Relative to the store, with forward slashes. */
  readonly path: string;
  /** One sentence. */
  readonly message: string;
  /** What a repair does about it, or did; absent where it is left to the user, also since the repair failed. */
  readonly repair?: string;
  readonly isRepaired: boolean;
}

/** What a check is made with. */
export interface CheckContext {
  readonly files: FileSystem;
  /** Absolute. */
  readonly store: string;
  readonly here: ProcessFacts;
  readonly clock: () => Date;
  /** What tests put in place of waiting for another process. */
  readonly pause?: (milliseconds: number) => void;
  readonly isRepairing: boolean;
  readonly findings: Finding[];
}

/** Something to be told, with what would put it right. */
export interface Found {
  readonly severity: Severity;
  readonly code: string;
  /** Absolute. */
  readonly path: string;
  readonly message: string;
  readonly repair?: { readonly text: string; readonly run: () => void };
}

/** Tells of a finding, and repairs it where that was asked for. What fails to be repaired is told with the reason. */
export function report(context: CheckContext, found: Found): void {
  const { severity, code, message, repair } = found;
  const path = relative(context.store, found.path).split(sep).join("/");
  const finding = { severity, code, path, message, ...(repair && { repair: repair.text }) };
  if (repair === undefined || !context.isRepairing) {
    context.findings.push({ ...finding, isRepaired: false });
    return;
  }
  try {
    repair.run();
    context.findings.push({ ...finding, isRepaired: true });
  } catch (error) {
    if (!isExpError(error)) throw error;
    const failed = `${message} It could not be repaired: ${error.message}`;
    context.findings.push({ severity, code, path, message: failed, isRepaired: false });
  }
}

/** The repair that takes something out of the way without destroying it. */
export function toTrash(
  { files, store, clock }: CheckContext,
  path: string,
  reason: string,
): NonNullable<Found["repair"]> {
  const run = (): void => {
    moveToTrash(files, store, { path, reason, time: clock().toISOString() });
  };
  return { text: "moved to .trash/", run };
}

/** Names in a folder of the store; a link or a file in its place is told, and not followed. */
export function namesIn(context: CheckContext, folder: string): readonly string[] {
  const kind = context.files.status(folder)?.kind;
  if (kind === undefined) return [];
  if (kind === "directory") return context.files.list(folder);
  const message =
    "A link or a file stands where a folder of the store should; it was not followed.";
  const repair = toTrash(context, folder, message);
  report(context, { severity: "error", code: "not-a-folder", path: folder, message, repair });
  return [];
}

/** Everything below a folder that is no folder, with what it is; links are not followed. */
export function entriesBelow(
  files: FileSystem,
  folder: string,
): readonly { readonly path: string; readonly kind: "file" | "link" | "other" }[] {
  return files.list(folder).flatMap((name) => {
    const path = join(folder, name);
    const kind = files.status(path)?.kind;
    if (kind === "directory") return entriesBelow(files, path);
    return kind === undefined ? [] : [{ path, kind }];
  });
}

/** Whether a file or folder was changed so lately that somebody may be at it; also where somebody has just removed it. */
export function isRecent({ files, clock }: CheckContext, path: string): boolean {
  const hourMs = 3_600_000;
  const changedMs = files.status(path)?.changedMs;
  return changedMs === undefined || clock().getTime() - changedMs < hourMs;
}
