/**
 * What a field of a schema counts for. A mark is attached with zod's `.meta(...)` and inherited by everything below;
 * the default, where nothing is marked, is `identity`, so that a forgotten mark can only split runs, never merge them.
 */
import type { JsonValue } from "./json.ts";

export type Mark =
  | "identity" // part of configHash and groupHash
  | "seed" // part of configHash, not of groupHash
  | "label" // for humans: names, tags, notes
  | "operation" // how the run is executed and watched, not what it computes
  | "location"; // where something lies; its content counts through dataHash

export interface FieldFacts {
  readonly mark?: Mark;
  /** For an option added after the first release: the value that means the old behaviour, left out of the identity. */
  readonly omitFromIdentity?: JsonValue;
  /**
   * The modes (the field `mode` of the envelope) in which the field says anything: in others it is left out of the
   * identity. An evaluation does not depend on how fast the model learned.
   */
  readonly onlyInModes?: readonly string[];
  /**
   * The field is a file system path. With `insideOf`, it is relative to that other field where that one is set. With
   * `orRun`, 8 to 64 hex digits name a run and are no path; a file that is called so is written `./95bcb82c`.
   */
  readonly location?: { readonly insideOf?: string; readonly orRun?: boolean };
  /** On an object: groups of fields of which exactly one must be set; the later layer wins over an earlier one. */
  readonly exactlyOneOf?: readonly (readonly string[])[];
  /** On an object: groups of fields of which at most one may be set; the later layer wins over an earlier one. */
  readonly atMostOneOf?: readonly (readonly string[])[];
  /** The field holds a reference to a secret; what is wrongly written there is not repeated in messages. */
  readonly secret?: boolean;
  /** Unit for help texts: "steps", "examples", "tokens". */
  readonly unit?: string;
}

/** Facts about one schema field, for `.meta(...)`; kept under one key so that they never mix with zod's own. */
export function field(facts: FieldFacts): { readonly lockstep: FieldFacts } {
  return { lockstep: facts };
}

/** The facts that `field` attached, read from what `schema.meta()` returns. */
export function fieldFacts(metadata: unknown): FieldFacts | undefined {
  if (typeof metadata !== "object" || metadata === null || !("lockstep" in metadata))
    return undefined;
  return metadata.lockstep as FieldFacts; // written by `field` only
}
