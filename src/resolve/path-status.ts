/** What lies at a path that a user gave. */
import { statSync, type Stats } from "node:fs";

/** The status of a path; `undefined` where nothing lies, also where a file stands in the place of one of its folders. */
export function pathStatus(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ELOOP") return undefined;
    throw error;
  }
}
