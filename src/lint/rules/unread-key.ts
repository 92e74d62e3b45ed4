/** `unread-key`. */
import { formatPath, parsePath } from "../../core/path.ts";
import type { EvaluatedExperiment } from "../evaluated.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { writtenAt } from "../written.ts";

/** Values that no run looked at. */
export const unreadKey: Rule = {
  id: "unread-key",
  reason:
    "A value that no run looked at cannot have changed a result, whatever the table of a sweep suggests.",
  bad: "{ useDropout: false, dropoutRate: choice(0.1, 0.3) } for a task that reads dropoutRate only with useDropout",
  good: "{ useDropout: true, dropoutRate: choice(0.1, 0.3) }",
  hasFix: false,
  needsEvaluation: true,
  check: (project) =>
    project.experiments.flatMap((experiment) => checkExperiment(project, experiment)),
};

function checkExperiment(
  project: LintProject,
  experiment: EvaluatedExperiment,
): readonly Problem[] {
  return experiment.unreadPaths.flatMap((text) => {
    const path = parsePath(text) ?? [];
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
