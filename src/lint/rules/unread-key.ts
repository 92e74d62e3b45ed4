/** `unread-key`. */
import { ts } from "ts-morph";
import { formatPath, parsePath, type Path } from "../../core/path.ts";
import type { EvaluatedExperiment } from "../evaluated.ts";
import { walk } from "../nodes.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { tasksOf } from "../tasks.ts";
import { writtenAt } from "../written.ts";

/** Values that no run looked at. */
export const unreadKey: Rule = {
  id: "unread-key",
  reason:
    "A value that no finished run looked at cannot have changed its result, whatever the table of a sweep suggests.",
  bad: "{ useDropout: false, dropoutRate: choice(0.1, 0.3) }, for a task that reads dropoutRate only with useDropout",
  good: "{ useDropout: true, dropoutRate: choice(0.1, 0.3) }",
  hasFix: false,
  needsEvaluation: true,
  check: (project) => {
    const others = readElsewhere(project);
    return project.experiments.flatMap((experiment) =>
      checkExperiment(project, experiment, others),
    );
  },
};

/** Names that are read before a run, by rules and what lists its files: runs do not tell of these. */
function readElsewhere({ modules, reached }: LintProject): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { entries } of tasksOf(modules, reached)) {
    for (const { key, node: code } of entries) {
      if (key === "run") continue;
      walk(code, (node) => {
        if (ts.isIdentifier(node)) names.add(node.text);
      });
    }
  }
  return names;
}

function checkExperiment(
  project: LintProject,
  experiment: EvaluatedExperiment,
  others: ReadonlySet<string>,
): readonly Problem[] {
  return experiment.unreadPaths().flatMap((text) => {
    const path = parsePath(text) ?? [];
    if (isReadOtherwise(path, project, others)) return [];
    const writer = experiment.layers.findLast(
      ({ isLiteral, file, writes }) =>
        isLiteral &&
        file === experiment.file &&
        writes.some((write) => formatPath(write.path) === text),
    );
    const at = writer && writtenAt(project.modules, writer, path);
    if (at === undefined) return [];
    const message = `${text} is set here, and no finished run of this experiment read it. Take it out, or see why the task does not look at it.`;
    return [{ module: at.module, node: at.node, message }];
  });
}

/** By Lockstep itself, or before the run. */
function isReadOtherwise(
  path: Path,
  { envelopeKeys }: LintProject,
  others: ReadonlySet<string>,
): boolean {
  return envelopeKeys.has(String(path[0])) || others.has(String(path.at(-1)));
}
