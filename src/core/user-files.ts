/** Which files are users' own: neither packages, nor Node, nor Lockstep itself. */
import { dirname, isAbsolute, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Lockstep's sources in the repository, and what is compiled from them in the package. */
const ownRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ownFolders = ["src", "schemas"].map((name) => join(ownRoot, name) + sep);

/**
 * Tells a file of users' own from packages and from Lockstep itself.
 * @param file - What the engine calls a script; Node's own (`node:…`) are not absolute.
 */
export function isUserFile(file: string): boolean {
  if (!isAbsolute(file) || file.split(sep).includes("node_modules")) return false;
  return !ownFolders.some((folder) => file.startsWith(folder));
}
