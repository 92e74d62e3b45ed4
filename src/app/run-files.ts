/** Files of a run as anybody may have put them there: links are not followed, and what is wrong is said with the path. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { FileStatus } from "../store/file-operations.ts";
import { createFileSystem } from "../store/file-system.ts";
import { parseObject } from "../store/json-file.ts";

const files = createFileSystem();
const hint = "Take an intact copy of the run, or run it again.";

/**
 * The bytes of a file, which may lie anywhere.
 * @param path - Absolute.
 * @throws {ExpError} `store` where nothing, a link, a folder or a pipe lies there; `environment` where the machine fails.
 */
export function readFileBytes(path: string): Uint8Array {
  const bytes = files.read(path);
  if (bytes === undefined) throw new ExpError("store", `${path} is missing.`, { hint });
  return bytes;
}

/**
 * The text of a file of a run.
 * @param directory - Of the run, absolute.
 * @param name - Relative to it, with forward slashes.
 * @throws {ExpError} as `readFileBytes`; `store` also for a text that is too long for this program.
 */
export function readRunText(directory: string, name: string): string {
  const path = join(directory, name);
  const text = files.readText(path);
  if (text === undefined) throw new ExpError("store", `${path} is missing.`, { hint });
  return text;
}

/**
 * A file of a run that holds one JSON object.
 * @throws {ExpError} as `readRunText`; `store` for any other text.
 */
export function readRunObject(directory: string, name: string): JsonObject {
  return objectIn(readRunText(directory, name), join(directory, name));
}

/**
 * The rows of a log.
 * @throws {ExpError} as `readRunText`; `store` with the line for a row that is no JSON object.
 */
export function readRunRows(directory: string, name: string): readonly JsonObject[] {
  const path = join(directory, name);
  return readRunText(directory, name)
    .split("\n")
    .flatMap((line, index) => (line === "" ? [] : [objectIn(line, `${path}:${index + 1}`)]));
}

/**
 * What lies at a path, links not followed; `undefined` where nothing is.
 * @param path - Absolute.
 */
export function fileStatus(path: string): FileStatus | undefined {
  return files.status(path);
}

/**
 * Names in a folder of a run, in code-unit order; none where there is no such folder.
 * @param path - Absolute.
 * @throws {ExpError} `store` for a link to a folder.
 */
export function namesInFolder(path: string): readonly string[] {
  if (files.status(path)?.kind !== "link") return files.list(path);
  throw new ExpError("store", `${path} is a link; expected a folder.`, {
    hint: "Links inside of a run are not followed. Put the folder itself there.",
  });
}

/**
 * The JSON object that a text is.
 * @param place - Of the text, for the error.
 * @throws {ExpError} `store` for any other text.
 */
export function objectIn(text: string, place: string): JsonObject {
  const value = parseObject(text);
  if (value !== undefined) return value as JsonObject; // parsed JSON
  throw new ExpError("store", `${place} is damaged: it is not what a run writes.`, { hint });
}
