/**
 * `.trash/<n>/`: what was taken out of the store and may still be wanted, each with a note of where it lay. Nothing in it is
 * read as a run, and nobody but the user empties it.
 */
import { randomUUID } from "node:crypto";
import { basename, dirname, join, relative, sep } from "node:path";
import { takeNumber } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { prettyJson } from "./json-file.ts";
import { trashRoot } from "./run-layout.ts";

/** What is taken out, and why. */
export interface Discarded {
  /** A file, a directory or a link of the store, absolute. */
  readonly path: string;
  /** One sentence. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/**
 * Moves something out of the way, durably.
 * @returns The folder that holds it now under its old name, beside `origin.json`; absolute.
 */
export function moveToTrash(
  files: FileSystem,
  store: string,
  { path, reason, time }: Discarded,
): string {
  const root = trashRoot(store);
  files.ensureDirectory(root);
  const temporary = join(root, `.new-${randomUUID()}`);
  files.ensureDirectory(temporary);
  const origin = { format: "lockstep/trash/1", path: relative(store, path).split(sep).join("/") };
  const note = prettyJson({ ...origin, reason, time });
  files.writeFile(join(temporary, "origin.json"), note, "durable");
  const { directory } = takeNumber(files, root, temporary);
  files.rename(path, join(directory, basename(path)));
  files.syncUp(directory, store);
  files.syncUp(dirname(path), dirname(path));
  return directory;
}
