/** Where compiled backends lie: in the user's cache, never in a project or in `node_modules`. */
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { ExpError } from "../../core/errors.ts";

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
 * `~/.cache`. A relative `XDG_CACHE_HOME` is ignored, as the XDG base directory specification asks; a relative
 * `LOCKSTEP_CACHE` is refused, since it would be another folder for every directory that a command is started in.
 * @throws {ExpError} `environment`.
 */
function cacheFolder(variables: Variables): string {
  const { LOCKSTEP_CACHE: own = "" } = variables;
  if (isAbsolute(own)) return own;
  if (own !== "") throw relativeCache(own);
  const home = absolute(variables["HOME"]) ?? homedir();
  return join(absolute(variables["XDG_CACHE_HOME"]) ?? join(home, ".cache"), "lockstep");
}

function relativeCache(given: string): ExpError {
  return new ExpError(
    "environment",
    `LOCKSTEP_CACHE is ${JSON.stringify(given)}; expected an absolute path.`,
    { hint: `Here that is ${resolve(given)}; or unset it: then the user's cache is taken.` },
  );
}

/**
 * Folder with all compiled backends, each in a folder of its own name.
 * @throws {ExpError} `environment` where `LOCKSTEP_CACHE` is a relative path.
 */
export function backendsFolder(variables: Variables): string {
  return join(cacheFolder(variables), "backends");
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
