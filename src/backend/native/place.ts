/** Where compiled backends lie: in the user's cache, never in a project or in `node_modules`. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Backends that compute in TensorFlow's own library, over an addon that is compiled on this machine. */
export const compiledNames = ["native", "cuda"] as const;
export type CompiledName = (typeof compiledNames)[number];

export type Variables = Readonly<Record<string, string | undefined>>;

/** Whether a backend is one of `compiledNames`. */
export function isCompiled(name: string): name is CompiledName {
  return compiledNames.some((known) => known === name);
}

/**
 * Lockstep's folder in the user's cache, absolute: `LOCKSTEP_CACHE`, else `lockstep` in `XDG_CACHE_HOME`, else in
 * `~/.cache`. A relative path in a variable is ignored, as the XDG base directory specification asks.
 */
function cacheFolder(variables: Variables): string {
  const own = absolute(variables["LOCKSTEP_CACHE"]);
  if (own !== undefined) return own;
  const home = absolute(variables["HOME"]) ?? homedir();
  return join(absolute(variables["XDG_CACHE_HOME"]) ?? join(home, ".cache"), "lockstep");
}

/** Folder with all compiled backends, each in a folder of its own name. */
export function backendsFolder(variables: Variables): string {
  return join(cacheFolder(variables), "backends");
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
