/** The comment on a pull request, from a document that another job wrote: nothing else is read, and nothing is run. */
import { resolve } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { readCiDocument } from "../../diff/document/read.ts";
import { ciMarkdown } from "../../diff/render/ci.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { parseObject } from "../../store/json-file.ts";

/** Far more than a project of a thousand experiments needs. */
const maxBytes = 16 * 2 ** 20;

/**
 * The Markdown of a comment, at most 65,536 characters.
 * @param file - Relative to the working directory, or absolute: what `exp ci --to` wrote. Links are not followed.
 * @throws {ExpError} `usage` for a file that is none, is too large or is no such document; `store` for a link.
 */
export function ciComment(file: string, workingDirectory: string): string {
  const path = resolve(workingDirectory, file);
  const files = createFileSystem();
  const status = files.status(path);
  if (status === undefined || status.kind !== "file") {
    throw new ExpError("usage", `${file} is not a file.`, {
      hint: "exp ci --to FILE writes what is read here.",
    });
  }
  if (status.numBytes > maxBytes) {
    throw new ExpError("usage", `${file} has ${String(status.numBytes)} bytes.`, {
      hint: `No comparison has more than ${String(maxBytes)}: it is not read.`,
    });
  }
  return ciMarkdown(readCiDocument(parseObject(files.readText(path) ?? ""), file));
}
