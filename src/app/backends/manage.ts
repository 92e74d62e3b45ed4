/** The compiled backends of this machine, for the command line: which there are, which are removed. */
import {
  listInstallations,
  manifestProblem,
  type ListedInstallation,
} from "../../backend/native/installation.ts";
import {
  compiledNames,
  isCompiled,
  type CompiledName,
  type Variables,
} from "../../backend/native/place.ts";
import { ExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import { orCacheError } from "./cache.ts";
import { removeInstallations } from "./publish.ts";

/**
 * The name of a backend that is compiled on the machine.
 * @throws {ExpError} `usage` for any other.
 */
export function readBackendName(text: string | undefined): CompiledName {
  if (text !== undefined && isCompiled(text)) return text;
  const names = compiledNames.join(" or ");
  if (text === undefined) throw new ExpError("usage", `exp backend: name a backend, ${names}.`);
  const meant = nearest(text, compiledNames);
  const builtIn = ["wasm", "cpu"].includes(text)
    ? `${text} needs no installation; others are ${names}.`
    : `There are ${names}.`;
  throw new ExpError("usage", `exp backend: ${JSON.stringify(text)} is not a backend to install.`, {
    hint: meant === undefined ? builtIn : `Did you mean ${meant}?`,
  });
}

/** All installations of one backend, or of all. */
export function listBackends(
  name: CompiledName | undefined,
  variables: Variables,
): readonly ListedInstallation[] {
  const names = name === undefined ? compiledNames : [name];
  return names.flatMap((one) => listInstallations(one, variables));
}

/**
 * Backends whose installation in use cannot be told, since its manifest is damaged: a sentence each, with the command that
 * mends it.
 */
export function damagedBackends(
  name: CompiledName | undefined,
  variables: Variables,
): readonly string[] {
  const names = name === undefined ? compiledNames : [name];
  return names.flatMap((one) => {
    const problem = manifestProblem(one, variables);
    if (problem === undefined) return [];
    return [
      `${one} cannot be used: ${problem} Run \`exp backend install ${one}\`, which replaces it.`,
    ];
  });
}

/**
 * Removes the installations of a backend.
 * @param tensorflow - Only those of this version, such as `2.21.0`.
 * @returns Their names.
 * @throws {ExpError} `environment` where the cache cannot be written.
 */
export function removeBackends(
  name: CompiledName,
  variables: Variables,
  tensorflow?: string,
): readonly string[] {
  const isWanted = (id: string): boolean =>
    tensorflow === undefined || id.startsWith(`tensorflow-${tensorflow}-`);
  return orCacheError(() => removeInstallations(name, isWanted, variables));
}
