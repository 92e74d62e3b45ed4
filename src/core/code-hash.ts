/** The identity of the code of a run: what it is over, for whoever makes it and for whoever checks what was stored. */
import { hashJson } from "./hash.ts";

/** A package that code reaches; a type, so that it is JSON data. */
export type CodePackage = {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
};

/** The hash of code: the SHA-256 of each bundled entry, in order, and every package that they reach. */
export function codeHashOf(bundles: readonly string[], packages: readonly CodePackage[]): string {
  return hashJson({ format: "lockstep/code/1", bundles, packages });
}
