/** Reads whole files of a data source, turning failures into messages that name the file. */
import { readFile } from "node:fs/promises";
import { ExpError } from "../core/errors.ts";

/**
 * The bytes of a file.
 * @param shown - The name for messages.
 * @throws {ExpError} `data` when it cannot be read.
 */
export async function readBytes(path: string, shown: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExpError("data", `${shown} cannot be read: ${reason}`, { cause });
  }
}
