/** Folders of the store are folders: a link among them would lead reads and writes to a place that is not ours. */
import { dirname } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { FileSystem } from "./file-system.ts";

/**
 * Goes from a path up to the store, which itself may lie behind a link.
 * @param path - Absolute, in the store; it need not exist.
 * @throws {ExpError} `store` with the first link that is met.
 */
export function requireRealFolders(files: FileSystem, store: string, path: string): void {
  for (let folder = path; folder.length > store.length; folder = dirname(folder)) {
    if (files.status(folder)?.kind !== "link") continue;
    throw new ExpError("store", `${folder} is a link; expected a folder of the store.`, {
      hint: "Links inside the store are not followed. Put the folder itself there, or link the whole store.",
    });
  }
}
