/** Lockstep's own version, read from its package.json. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InternalError } from "../core/errors.ts";

/** Folder of the running Lockstep's package. */
export function ownRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new InternalError("package.json of Lockstep was not found");
    folder = parent;
  }
  return folder;
}

/** The version of the running Lockstep: `0.1.0`. The same file is found from `src` and from `dist`. */
export function lockstepVersion(root: string = ownRoot()): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version);
  }
  throw new InternalError("package.json of Lockstep has no version");
}
