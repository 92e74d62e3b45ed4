/** What a verification comes to. */
import type { Manifest } from "../../store/manifest.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { runFiles } from "../../store/run-layout.ts";
import type { Divergence } from "./trace-difference.ts";

export type Verdict =
  | "bitwise"
  /** Something differs, but no metric does. */
  | "metrics-equal"
  /** All metrics and losses are as near as was declared. */
  | "within tolerance"
  | "diverged"
  /** Nothing was executed: what it would be compared with is of another place, or its code is gone. */
  | "not comparable";

/** How far metrics and losses may lie apart, by the larger of 1 and the run's own. */
export interface Tolerance {
  readonly value: number;
  readonly from: "command line" | "task";
}

export interface Verification {
  readonly verdict: Verdict;
  /** Where it went apart first; absent for `bitwise` and `not comparable`. */
  readonly divergence?: Divergence;
  /** Why it is not comparable; which data changed. */
  readonly reasons: readonly string[];
  /** What to do where packages of its code are not here. */
  readonly hint?: string;
  readonly comparedSteps: number;
  /** What was compared, in sentences. */
  readonly coverage: readonly string[];
  /** What was executed where that was not the whole run and went no other way, as `steps 1 to 20 of 60`. */
  readonly part?: string;
  /** Where it was executed now, if that is another class than the run's. */
  readonly environmentClass?: string;
  /** The largest difference of metrics, where a tolerance was declared, and that tolerance. */
  readonly largestDifference?: number;
  readonly tolerance?: Tolerance;
  /** The step of the checkpoint that it went on from; absent where it began at the beginning. */
  readonly fromStep?: number;
}

/**
 * Files of a run that are not compared as rows, and differ; the trace of an execution may tell more than that of the run.
 * @param step - The last one.
 */
export function otherFile(
  published: PublishedRun,
  { manifest }: { readonly manifest: Manifest },
  step: number,
): Divergence | undefined {
  const before = new Map(published.manifest.files.map((file) => [file.path, file.sha256]));
  const now = new Map(manifest.files.map((file) => [file.path, file.sha256]));
  const paths = [...new Set([...before.keys(), ...now.keys()])].toSorted();
  const compared: readonly string[] = [runFiles.traceLog, runFiles.metricsLog];
  // Which checkpoints are kept depends on where a run was cut; of our own training the weights tell more.
  const hasDigest = published.manifest.identities.weightsDigest !== undefined;
  const isLeftOut = (path: string): boolean =>
    path.startsWith("checkpoints/") && (hasDigest || !before.has(path) || !now.has(path));
  const differing = paths.filter(
    (path) => before.get(path) !== now.get(path) && !compared.includes(path) && !isLeftOut(path),
  );
  const [first] = differing;
  if (first !== undefined) return { step, field: first };
  return hasOtherWeights(published, { manifest }) ? { step, field: "weightsDigest" } : undefined;
}

/** Whether the weights that came out are others. */
export function hasOtherWeights(
  published: PublishedRun,
  { manifest }: { readonly manifest: Manifest },
): boolean {
  return published.manifest.identities.weightsDigest !== manifest.identities.weightsDigest;
}
