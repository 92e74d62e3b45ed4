/** What lies in a folder of a test. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Paths of the files of a folder and of those below, links left out. `readdirSync` with `recursive` goes through links from
 * Node.js 22 on, and where a project links to itself it does so without an end.
 */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}
