/** The key of a run: under it results are stored, looked up, gone on with and executed again. */
import { hashJson } from "./hash.ts";

/** Everything that must be equal for two runs to give the same bits. */
export interface RunKeyParts {
  readonly configHash: string;
  readonly codeHash: string;
  readonly dataHash: string;
  readonly environmentClass: string;
}

/** The key by which a run is skipped, deduplicated, resumed and verified; 64 hex digits. */
export function runKey({ configHash, codeHash, dataHash, environmentClass }: RunKeyParts): string {
  const format = "lockstep/run/1";
  return hashJson({ format, configHash, codeHash, dataHash, environmentClass });
}
