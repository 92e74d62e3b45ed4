/** The document of `exp ci`: what a branch does to all experiments and finished runs. */
import { z } from "zod";
import { count, diffDocument, type DiffDocument } from "./diff-document.ts";

/** What became of an experiment. */
export type ExperimentStatus =
  | "added"
  | "removed"
  | "changed" // it resolves to other results
  | "relabelled" // only to other names, notes, places or ways to be executed
  | "rewritten" // its source says something else and resolves to the same
  | "same"
  | "unresolved"; // on one side or on both

export interface CiExperiment {
  /** Relative to the project. */
  readonly file: string;
  readonly status: ExperimentStatus;
  /** How many runs it asks for; absent where a side has it not or cannot resolve it. */
  readonly numRuns?: { readonly before?: number; readonly after?: number };
  /** Why it cannot be resolved. */
  readonly problems?: { readonly before?: string; readonly after?: string };
  /** Definitions that were changed and that it is made of: parents, presets, functions. */
  readonly through: readonly string[];
}

/** A finished run that its experiment no longer asks for. */
export interface CiRun {
  /** The first 16 digits of its key. */
  readonly run: string;
  readonly experiment: string;
  /** The arguments that it was asked for with. */
  readonly overrides: readonly string[];
  /**
   * `changed`: the experiment asked for it on the base and does not now. `earlier`: it did not on the base either. `gone`: there
   * is no such experiment. `unknown`: why is said in `reason`.
   */
  readonly status: "changed" | "earlier" | "gone" | "unknown";
  readonly reason?: string;
}

export interface CiDocument {
  readonly format: "lockstep/ci/1";
  readonly base: { readonly name: string; readonly commit: string };
  readonly experiments: readonly CiExperiment[];
  /** Finished runs: how many there are, how many are damaged, and those that match no longer. */
  readonly runs: {
    readonly numChecked: number;
    readonly numDamaged: number;
    readonly unmatched: readonly CiRun[];
  };
  readonly diff: DiffDocument;
}

const statuses = [
  "added",
  "removed",
  "changed",
  "relabelled",
  "rewritten",
  "same",
  "unresolved",
] as const;

const experiment = z.strictObject({
  file: z.string().min(1),
  status: z.enum(statuses),
  numRuns: z
    .strictObject({ before: count.exactOptional(), after: count.exactOptional() })
    .exactOptional(),
  problems: z
    .strictObject({ before: z.string().exactOptional(), after: z.string().exactOptional() })
    .exactOptional(),
  through: z.array(z.string()),
});

const run = z.strictObject({
  run: z.string().regex(/^[0-9a-f]{16}$/u),
  experiment: z.string(),
  overrides: z.array(z.string()),
  status: z.enum(["changed", "earlier", "gone", "unknown"]),
  reason: z.string().exactOptional(),
});

/** The schema of that document. */
export const ciDocument: z.ZodType<CiDocument> = z.strictObject({
  format: z.literal("lockstep/ci/1"),
  base: z.strictObject({
    name: z.string(),
    commit: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u),
  }),
  experiments: z.array(experiment),
  runs: z.strictObject({ numChecked: count, numDamaged: count, unmatched: z.array(run) }),
  diff: diffDocument,
});
