/**
 * One way through the combinators of a definition: plain layers in order, merged into one tree, and what is asked of
 * the runs that come of it. Branches share what they have in common and are never changed in place.
 */
import type { CommandLineLayer } from "../command-line.ts";
import type { Check } from "./conditions.ts";
import type { Layer } from "../layers.ts";
import { mergeCommandLine, mergeLayers, type MergeScope } from "../merge-layers.ts";
import type { Problem } from "../problems.ts";
import type { Rule } from "../rules.ts";
import type { Tree } from "../tree.ts";

export interface Branch {
  readonly tree: Tree | undefined;
  /** The tree before the command line, once that is merged. */
  readonly written?: Tree | undefined;
  readonly layers: readonly PlacedLayer[];
  /** What merging its layers found wrong. */
  readonly problems: readonly Problem[];
  /** What is no mistake, but does nothing. */
  readonly notes: readonly string[];
  /** Beside those of the task. */
  readonly rules: readonly Rule[];
  readonly filters: readonly Check[];
}

/** A layer and where it stands: both grow along a definition, whichever way is taken through it. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly position: number;
  readonly segment: number;
  readonly isCommandLine: boolean;
}

export type LayerPlace = Pick<PlacedLayer, "position" | "segment">;

/** The branch before any layer. */
export const emptyBranch: Branch = {
  tree: undefined,
  layers: [],
  problems: [],
  notes: [],
  rules: [],
  filters: [],
};

/** The branch with a layer of a module behind its others. */
export function withLayer(
  branch: Branch,
  layer: Layer,
  { place, scope }: { readonly place: LayerPlace; readonly scope: Omit<MergeScope, "report"> },
): Branch {
  const problems: Problem[] = [];
  const report = (problem: Problem): number => problems.push(problem);
  const tree = mergeLayers(branch.tree, [layer], { ...scope, report });
  const layers = [...branch.layers, { ...place, layer, isCommandLine: false }];
  return { ...branch, tree, layers, problems: [...branch.problems, ...problems] };
}

/** A layer of the command line where it stands. */
export interface GivenLayer extends PlacedLayer {
  readonly layer: CommandLineLayer;
}

/** The branch with layers of the command line behind its others. */
export function withCommandLine(
  branch: Branch,
  given: readonly GivenLayer[],
  scope: Omit<MergeScope, "report">,
): Branch {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const report = (problem: Problem): number => problems.push(problem);
  const note = (text: string): number => notes.push(text);
  const layers = given.map(({ layer }) => layer);
  return {
    ...branch,
    tree: mergeCommandLine(branch.tree, layers, { ...scope, report, note }),
    written: "written" in branch ? branch.written : branch.tree,
    layers: [...branch.layers, ...given],
    problems: [...branch.problems, ...problems],
    notes: [...branch.notes, ...notes],
  };
}
