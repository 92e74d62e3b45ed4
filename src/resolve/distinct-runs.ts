/** Which runs of a grid ask for the same, as far as can be told before data and environment are known. */
import { textWithoutLabels } from "./identity.ts";
import type { ResolvedRun } from "./resolve.ts";
import type { SchemaView } from "./schema-view.ts";

/**
 * A function that tells a run from those it was asked about before: false where one of them differs in labels alone.
 * An equal `configHash` is not enough: runs over two folders or two backends share it, and only their data and
 * environment tell whether they are one.
 */
export function createDistinction(view: SchemaView): (run: ResolvedRun) => boolean {
  const firstByHash = new Map<string, ResolvedRun>();
  const texts = new Set<string>();
  return (run) => {
    const first = firstByHash.get(run.configHash);
    if (first === undefined) {
      firstByHash.set(run.configHash, run);
      return true;
    }
    texts.add(textWithoutLabels(first.config, view)); // equal texts have equal hashes, so the rest needs none
    const text = textWithoutLabels(run.config, view);
    if (texts.has(text)) return false;
    texts.add(text);
    return true;
  };
}
