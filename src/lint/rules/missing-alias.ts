/** `missing-alias`. */
import { formatPath, parsePath, startsWith, type Path } from "../../core/path.ts";
import type { EvaluatedExperiment, EvaluatedLayer } from "../evaluated.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { writtenAt } from "../written.ts";

/** Deep paths that are changed often and have no short name. */
export const missingAlias: Rule = {
  id: "missing-alias",
  reason:
    "A long path that everybody types is mistyped, and its place in the config cannot be changed any more.",
  bad: "three experiments that change training.earlyStopping.patience",
  good: 'extend(baseline, alias("patience", "training.earlyStopping.patience"), { … })',
  hasFix: false,
  needsEvaluation: true,
  check: (project) =>
    [...changesByPath(project)].flatMap(([text, changes]) => checkPath(project, text, changes)),
};

interface Change {
  readonly experiment: EvaluatedExperiment;
  readonly layer: EvaluatedLayer;
  readonly path: Path;
}

/** What `extend` changes in experiments of their own; a chain that starts does not change anything. */
function changesByPath({
  experiments,
  limits,
}: LintProject): ReadonlyMap<string, readonly Change[]> {
  const all = experiments.flatMap((experiment) =>
    experiment.layers
      .filter(({ data, file }) => data.label === "extend" && file === experiment.file)
      .flatMap((layer) => layer.writes.map(({ path }) => ({ experiment, layer, path }))),
  );
  const changes = new Map<string, Change[]>();
  for (const change of all.filter(({ path }) => path.length >= limits.aliasDepth)) {
    const text = formatPath(change.path);
    changes.set(text, [...(changes.get(text) ?? []), change]);
  }
  return changes;
}

function checkPath(
  { modules, limits }: LintProject,
  text: string,
  changes: readonly Change[],
): readonly Problem[] {
  const files = new Set(changes.map(({ experiment }) => experiment.file));
  const [first] = changes;
  if (first === undefined || files.size < limits.aliasUses) return [];
  if (changes.some(({ experiment, path }) => isAliased(experiment, path))) return [];
  const at = writtenAt(modules, first.layer, first.path);
  if (at === undefined) return [];
  const name = String(first.path.at(-1));
  const message = `${text} is changed by ${files.size} experiments and has no short name. Give it one where they begin: alias(${JSON.stringify(name)}, ${JSON.stringify(text)}), or aliases of the task.`;
  return [{ module: at.module, node: at.node, message }];
}

function isAliased({ aliasedPaths }: EvaluatedExperiment, path: Path): boolean {
  return aliasedPaths.some((text) => startsWith(path, parsePath(text) ?? [""]));
}
